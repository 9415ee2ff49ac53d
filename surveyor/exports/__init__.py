"""Writers of XLSX, CSV and JSON out of releases, cases and cards."""
