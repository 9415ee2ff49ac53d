"""Spreadsheets as they should not be."""

import io
import zipfile

import xlsxwriter


def sheet(*rows: tuple[object, ...], name: str = "Ark1", **more: object) -> bytes:
    """A workbook of one sheet; hidden, behind another one, or with the first two cells of a column joined."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "nan_inf_to_errors": True}) as book:
        if "before" in more:
            book.add_worksheet("Forklaring").write(0, 0, more["before"])
        page = book.add_worksheet(name)
        for number, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                if isinstance(cell, str) and cell.startswith("="):
                    page.write_formula(number, place, cell, None, "#DIV/0!")
                else:
                    page.write(number, place, cell)
        if more.get("merged"):
            page.merge_range(1, 0, 2, 0, str(rows[1][0]), book.add_format({"bold": True}))
        if more.get("hidden"):
            book.add_worksheet("Tomt").activate()
            page.hide()
    return stream.getvalue()


def bomb() -> bytes:
    """A workbook of some kilobytes that unpacks to sixty megabytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (60 << 20))
    return stream.getvalue()


UNREADABLE = {
    "empty": (b"", "fil.csv"),
    "only spaces": (b" \n;;\n", "fil.csv"),
    "mark of order alone": (b"\xef\xbb\xbf", "fil.csv"),
    "half a letter of UTF-16": (b"\xff\xfea", "fil.csv"),
    "UTF-16 without its mark": ("før;nå\nA;B\n".encode("utf-16-le"), "fil.csv"),
    "zeros": (b"\0" * 50, "fil.csv"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "fil.xls"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "fil.xlsx"),
    "half a workbook": (sheet(("a", "b"))[:300], "fil.xlsx"),
    "a zip of nothing": (b"PK\x05\x06" + b"\0" * 18, "fil.xlsx"),
    "a zip bomb": (bomb(), "fil.xlsx"),
    "an empty sheet": (sheet(), "fil.xlsx"),
    "a hidden sheet": (sheet(("a",), hidden=True), "fil.xlsx"),
    "other headings": (b"en;to\n1;2\n", "fil.csv"),
    "an open quotation mark": (b'"en;to\n1;2\n', "fil.csv"),
    "too many columns": (b";".join([b"x"] * 400), "fil.csv"),
    "too large": (b"x" * ((16 << 20) + 1), "fil.csv"),
}
