"""What fails today, by case: each must fail until it is mended, and then leaves this list."""

#: The doors that take a situation, and those that take rows.
SITUATIONS = {
    *("/calculate", "/trace", "/cej/case", "/cej/compare", "/cej/curve", "/cej/explain"),
    *("/cej/missing", "/cej/timeline", "case", "explain"),
}
ROWS = {
    *("/cej/batch CSV", "/cej/batch JSON", "Arrow", "Parquet", "Polars", "dict", "flat CSV"),
    *("long CSV", "pandas"),
}
EVERY = SITUATIONS | ROWS

#: The doors at which some cases fail, and those cases.
FAILING: list[tuple[set[str], list[str]]] = [
    (
        EVERY,
        [
            "counted resources of one, wages of the other",
            "cej_situation_fiscale of another person",
            "deducted resources of one, unemployment benefit of the other",
            "a taper of one, wages of both",
            "a computed tier of one, an income of the other",
            "majority of one, a minor beside",
        ],
    ),
    (
        ROWS - {"/cej/batch JSON"},
        [
            "cej_eligibilite of another person",
            "cej_en_cours of another person",
            "cej_mineur of another person",
            "cej_montant_forfaitaire of another person",
            "eligibility of one, a student beside",
            "an age beside a birth date",
        ],
    ),
    (
        ROWS - {"/cej/batch JSON", "long CSV"},
        ["the tax left of one foyer, the income of the other"],
    ),
    (
        EVERY - {"long CSV"},
        [
            "the tier of one foyer, the income of the other",
            "the notice of 2023 only, in 2025-11",
            "the notice of N-2 of one, that of N-1 of the other",
            "the last tier of the foyer that was given",
            "handicap of another person",
            "handicap at 27",
            "married, alone on the tax return",
            "a municipality of Mayotte",
            "the smallest SMIC, given as nil",
        ],
    ),
    ({"/cej/batch CSV"}, ["the RSA of another family", "a member of no family beside a family"]),
    (
        SITUATIONS - {"/cej/curve"},
        [
            "wages by month beside wages by year",
            "twelve months beside the year",
            "a month above the total of its year",
            "twelve months that do not make the year",
            "months of a year that make its total",
            "two spans that share months",
            "one month written in two ways",
            "one month written in two ways, the other order",
        ],
    ),
    (
        SITUATIONS,
        [
            "an activity by month beside another by year",
            "a tier by month beside another by year",
            "the RSA by month beside the RSA by year",
            "two spans of an activity that differ",
            "a month of an activity and its year that differ",
            "two birth dates",
            "two signatures",
            "a year of incomes written in two ways",
            "an income of a year that starts in February",
            "the income of a foyer without a member",
            "the RSA of a family whose roles are empty",
        ],
    ),
    (
        EVERY
        - {
            "/calculate",
            "/cej/batch CSV",
            "/cej/batch JSON",
            "/cej/explain",
            "/trace",
            "explain",
            "long CSV",
        },
        ["a rent", "indemnites_journalieres_imposables, that the model reads under another name"],
    ),
    (
        EVERY - {"/calculate", "/cej/explain", "/trace", "explain"},
        [
            "salaire_de_base under another name than the net",
            "salaire_imposable under another name than the net",
            "traitement_indiciaire_brut under another name than the net",
        ],
    ),
    (
        EVERY - {"/cej/explain", "/trace", "explain", "long CSV"},
        [
            "chomage_brut, that the model reads under another name",
            "chomage_imposable, that the model reads under another name",
            "the turnover of a year",
        ],
    ),
    (ROWS - {"/cej/batch CSV", "/cej/batch JSON", "long CSV"}, ["no handicap at 27"]),
    (ROWS - {"/cej/batch CSV", "/cej/batch JSON"}, ["handicap, and the status refused"]),
    (
        EVERY - {"/cej/batch CSV", "/cej/batch JSON", "long CSV"},
        ["two declarants are a couple", "a couple beside a single person"],
    ),
]

TODAY = {case: doors for doors, cases in FAILING for case in cases}
