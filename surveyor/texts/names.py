"""Norwegian names that are common enough to be looked for, written from general knowledge.

Names that are ordinary words too stand apart: they count only beside another name.
"""

_FIRST = """
Aase Abdi Adam Agnes Agnieszka Ahmad Ahmed Aisha Aksel Albert Aleksander Alexander Alf Alfred Ali Alice
Alma Amalie Amanda Amina Anders Andrea Andreas Andrine Andrzej Ane Anette Anita Anja Anna Anne Annette
Anniken Anton Are Arild Arne Arnt Arthur Arve Asbjørn Asgeir Aslak Astrid August Aurora Axel Beate
Bendik Benedikte Benjamin Bente Berit Bernt Birger Birgit Birgitte Bjarne Bjørg Bjørnar Bodil Brage Brit
Britt Bård Camilla Carina Carl Caroline Casper Cathrine Cecilie Charlotte Christer Christian Christina
Christine Christoffer Dagfinn Dagny Daniel David Didrik Edvard Edvin Egil Eilif Einar Eirik Eirin Eivind
Eldar Eli Elias Elin Eline Elisabeth Elise Ella Ellen Ellinor Else Emil Emilie Emma Endre Erik Erika
Erlend Erling Espen Ester Eva Fatima Felix Filip Finn Fredrik Frida Frode Geir Georg Gerd Gina Grete
Grethe Gro Gudrun Gunn Gunnar Gunvor Guri Gustav Hadle Hanna Hannah Hanne Hans Harald Harry Hassan Hauk
Hedda Hedvig Heidi Helene Helga Helge Henning Henriette Henrik Henry Herman Hilda Hilde Hildegunn
Hussein Håkon Håvard Iben Ibrahim Ida Idar Inga Ingeborg Ingebrigt Inger Ingrid Ingunn Ingvild Iren
Irene Isak Iselin Ivar Iver Jacob Jakob Jan Jane Janne Jannicke Jarle Jens Joakim Johan Johanne Johannes
John Johnny Jon Jonas Jonathan Jorunn Josefine Julia Julie Julius Jørgen Jørn Kai Kaja Karen Kari
Karianne Karin Karina Karl Karoline Kaspar Katarzyna Katrine Kenneth Kent Ketil Khadija Kim Kine Kirsten
Kjartan Kjell Kjersti Kjetil Klara Knut Kristian Kristin Kristina Kristine Kristoffer Kåre Laila Lars
Lasse Laura Lea Leah Leif Leila Lena Lene Leon Lillian Linda Linn Linnea Lisa Lise Liv Live Lone Lotte
Louise Lucas Ludvig Lukas Maciej Mads Magdalena Magne Magnhild Magnus Mahmoud Maja Malin Marcus Marek
Maren Margit Margrete Margrethe Margunn Maria Mariam Mariann Marianne Marie Mariell Marin Marit Marita
Marius Markus Marta Marte Marthe Martin Martine Mathea Mathias Mathilde Mats Matteo May Merete Mette Mia
Michael Mikael Mikkel Mina Modolf Mohamed Mohammad Mohammed Mohamud Monica Monika Morten Muhammad
Målfrid Nadia Natalia Nicolai Nikolai Nils Nina Noah Nora Odd Oddbjørn Oddvar Olaf Olav Ole Oliver
Olivia Omar Oskar Osman Otto Ove Paul Pauline Peder Per Pernilla Pernille Peter Petra Petter Philip
Piotr Preben Pål Ragna Ragnar Ragnhild Randi Reidar Reidun Rikke Rita Roar Robert Robin Roger Ronny Runa
Rune Ruth Ryan Sabina Sahra Salma Samuel Sander Sandra Sara Sarah Sebastian Selma Sigbjørn Sigmund Signe
Sigrid Sigrun Sigurd Silje Simen Simon Sindre Siri Siv Sivert Sofia Sofie Solfrid Solveig Stefan Steinar
Stian Stig Stina Stine Sturla Sunniva Susanne Svein Sverre Synne Synnøve Sølvi Tage Tarjei Terje Thea
Theodor Therese Thomas Thor Tina Tine Tiril Tobias Tom Tomas Tone Tonje Tor Torbjørn Tore Torgeir
Torhild Torill Torkel Torleif Tormod Torstein Torunn Tove Trine Trond Trude Truls Trygve Turid Tuva
Ulrik Une Unni Vegard Vera Vetle Vibeke Vidar Viktor Viktoria Vilde Vilje Vivian Wenche William Willy
Yasmin Yngve Yusuf Yvonne Zahra Åge Ågot Åse Åshild Åsmund Åsne Øivind Ørjan Øystein Øyvind
"""
_LAST = """
Aamodt Aas Aasen Abdi Abrahamsen Ahmed Ali Amundsen Andersen Andreassen Antonsen Arnesen Arntzen Aune
Bakke Bakken Berge Berglund Berntsen Birkeland Bjerke Brekke Bråten Carlsen Christensen Christiansen
Christoffersen Dahl Dahle Danielsen Edvardsen Eide Eikeland Eliassen Ellingsen Engebretsen Eriksen
Espeland Evensen Fjeld Foss Fredriksen Gabrielsen Gjerde Gulbrandsen Gundersen Haaland Hagen Halvorsen
Hamre Hansen Hanssen Hauge Haugen Haugland Helgesen Helland Hellum Henriksen Hermansen Holm Holmen
Hovland Husby Ingebrigtsen Isaksen Iversen Jacobsen Jakobsen Jensen Jenssen Johannessen Johansen Johnsen
Jonassen Jørgensen Karlsen Khan Knudsen Knutsen Kristensen Kristiansen Kristoffersen Larsen Lien
Lorentzen Lund Lunde Løken Madsen Magnussen Martinsen Mathisen Mikkelsen Moe Moen Mohamed Monsen
Mortensen Myhre Myklebust Myrvold Nguyen Nielsen Nilsen Nordmann Næss Olsen Opsahl Ottesen Paulsen
Pedersen Petersen Pettersen Rasmussen Ruud Rønning Samuelsen Sandberg Sandvik Simonsen Sivertsen Skaar
Skoglund Solberg Solheim Sunde Svendsen Sæther Sørensen Tangen Thomassen Thorsen Torgersen Tran Tveit
Vik Wang Ødegård Østby
"""
_ALSO_WORDS = """
Are Bakke Bakken Berg Bjørn Bo Dag Eng Even Foss Frank Hagen Haug Hauk Holmen Jane Jo Kai Kim Kine Lea
Lie Liv Live Lone Lund Mai Mia Min Moe Moen Mona Noah Odd Ove Per Pål Rolf Sol Stein Strand Strøm Tor
Tran Une Vera Vigdis Vik Vår
"""

ALSO_WORDS = frozenset(_ALSO_WORDS.split())
FIRST_NAMES = frozenset(_FIRST.split()) | ALSO_WORDS
LAST_NAMES = frozenset(_LAST.split())
