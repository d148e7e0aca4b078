"""Why something given is refused, and what to do: one table for all the doors.

Each entry has the sentence and the remedy, in French and in English; words between braces are
those of the case. ``refusals.BadValue`` makes a refusal of a code and its words.
"""

from typing import NamedTuple


class Sentence(NamedTuple):
    """What is wrong and what to write instead, in both languages; a remedy may be empty."""

    fr: str
    en: str
    do_fr: str = ""
    do_en: str = ""


EMPTY = ("elle est vide", "it is empty")
CHECK_QUOTES = "vérifiez les guillemets", "Check the quotation marks"
ONE_ROW = "une ligne par personne", "One row a person"
ROW_A_PERSON = "écrivez une ligne par personne", "Write one row a person"
ROW_A_MONTH = "une ligne par personne et par mois", "One row a person and month"
ONE_EACH = "donnez une ligne à chaque personne", "Give one row for each person"
ONE_FOLDER = "mettez toutes les parties dans un dossier", "Put all the part files in one folder"
AGAIN = "écrivez-le de nouveau", "Write it again"

#: Of a value: its type, its bounds, its list.
VALUES = {
    "not-a-number": Sentence(
        "{value} n'est pas un nombre",
        "{value} is not a number",
        "écrivez des chiffres, avec un point pour les décimales",
        "Write digits, with a point for decimals",
    ),
    "number-as-text": Sentence(
        "{value} n'est pas un nombre",
        "{value} is not a number",
        "écrivez-le en chiffres, sans guillemets",
        "Write it in digits, without quotation marks",
    ),
    "decimal-comma": Sentence(
        "{value} a une virgule décimale",
        "{value} has a decimal comma",
        "écrivez {right}",
        "Write {right}",
    ),
    "two-numbers": Sentence(
        "{value} se lit de deux façons : {one} ou {two}",
        "{value} may be read in two ways: {one} or {two}",
        "écrivez toute la colonne avec une virgule et deux décimales, ou sans point",
        "Write the column with decimal commas, or without points",
    ),
    "two-dates": Sentence(
        "{value} se lit de deux façons : {one} ou {two}",
        "{value} may be read in two ways: {one} or {two}",
        "écrivez les dates de la colonne AAAA-MM-JJ",
        "Write the dates of the column as YYYY-MM-DD",
    ),
    "negative": Sentence(
        "{value} est négatif",
        "{value} is negative",
        "écrivez {least} ou plus",
        "Write {least} or more",
    ),
    "too-small": Sentence(
        "{value} est trop petit",
        "{value} is too small",
        "écrivez {least} au moins (limite {limit})",
        "Write at least {least} (limit {limit})",
    ),
    "too-large": Sentence(
        "{value} est trop grand",
        "{value} is too large",
        "écrivez {most} au plus (limite {limit})",
        "Write at most {most} (limit {limit})",
    ),
    "not-whole": Sentence(
        "{value} n'est pas un nombre entier",
        "{value} is not a whole number",
        "écrivez-le sans décimales",
        "Write it without decimals",
    ),
    "not-a-boolean": Sentence(
        "{value} n'est ni vrai ni faux",
        "{value} is neither true nor false",
        "écrivez {yes} ou {no}",
        "Write {yes} or {no}",
    ),
    "not-an-item": Sentence(
        "{value} n'est pas une de ses valeurs",
        "{value} is not one of its values",
        "écrivez l'une de : {items}",
        "Write one of: {items}",
    ),
    "not-a-date": Sentence(
        "{value} n'est pas une date", "{value} is not a date", "écrivez {right_fr}", "Write {right}"
    ),
    "date-out-of-reach": Sentence(
        "{value} est une date hors de portée",
        "{value} is a date out of reach",
        "les années vont de {first} à {last}",
        "Years go from {first} to {last}",
    ),
    "time-of-day": Sentence(
        "{value} a une heure du jour",
        "{value} has a time of the day",
        "écrivez la date seule",
        "Write the date alone",
    ),
    "of-another-type": Sentence(
        "elle est du type {type}, au lieu de : {expected_fr}",
        "it is of type {type}, not {expected}",
        "écrivez-la ainsi : {kind}",
        "Write it as {kind}",
    ),
    "not-names-of-items": Sentence(
        "elle est du type {type}, au lieu de : des noms",
        "it is of type {type}, not the names of its items",
        "écrivez l'une de : {items}",
        "Write one of: {items}",
    ),
    "wrong-type": Sentence("la valeur n'est pas du bon type", "it has not the right type"),
    "empty-value": Sentence(
        "la case est vide{whose_fr}", "it is empty{whose}", "écrivez une valeur", "Write a value"
    ),
    "empty-number": Sentence(
        "la case est vide{whose_fr}",
        "it is empty{whose}",
        "écrivez une valeur (0 s'il n'y a rien)",
        "Write 0 if there is none",
    ),
    "empty-item": Sentence(
        "la case est vide{whose_fr}",
        "it is empty{whose}",
        "écrivez l'une de : {items}",
        "Write one of: {items}",
    ),
}

#: Of a period, and of values that cannot both be true.
PERIODS = {
    "not-a-period": Sentence(
        "{period} n'est pas une période (par exemple {example})",
        "{period} is not a period (for instance {example})",
    ),
    "too-long": Sentence(
        "{period} est plus long que {years} ans", "{period} is longer than {years} years"
    ),
    "not-from-january": Sentence(
        "{period} ne commence pas en janvier : « {variable} » se donne pour une année civile "
        "(par exemple {year})",
        "{period} does not start in January: « {variable} » is given for a calendar year "
        "(for instance {year})",
    ),
    "one-at-a-time": Sentence(
        "« {variable} » {verb_fr} pour {unit_fr} à la fois, non pour {period}",
        "« {variable} » {verb} for {unit} at a time, not for {period}",
    ),
    "spans-overlap": Sentence(
        "ces deux durées se chevauchent : donnez chaque mois une seule fois (voir aussi {other})",
        "these two spans overlap: give each month once (see also {other})",
    ),
    "not-the-sum": Sentence(
        "le total donné pour plusieurs mois n'est pas la somme de ce qui est donné pour chacun "
        "(voir aussi {other})",
        "the total given for several months is not the sum of what is given for each "
        "(see also {other})",
    ),
    "said-twice": Sentence(
        "la même chose est dite deux fois, autrement (voir aussi {other})",
        "the same thing is said twice, differently (see also {other})",
    ),
    "age-and-birth": Sentence(
        "un âge de {age} ans en {month} ne va pas avec la date de naissance {birth}",
        "an age of {age} in {month} does not go with the birth date {birth}",
        "donnez l'un ou l'autre",
        "Give one of them",
    ),
    "ages-differ": Sentence(
        "un âge de {age} ans en {month} ne va pas avec un âge de {other_age} ans en {other_month} "
        "(voir aussi {other})",
        "an age of {age} in {month} does not go with an age of {other_age} in {other_month} "
        "(see also {other})",
        "donnez la date de naissance, ou l'âge d'un seul mois",
        "Give the birth date, or the age of one month",
    ),
    "two-homes": Sentence(
        "un logement n'est pas à deux endroits (voir aussi {other})",
        "a home is not in two places (see also {other})",
        "n'en gardez qu'un",
        "Keep one of them",
    ),
    "not-a-month": Sentence(
        "{value} n'est pas un mois", "{value} is not a month", "écrivez {right_fr}", "Write {right}"
    ),
    "not-a-year": Sentence(
        "{value} n'est pas une année",
        "{value} is not a year",
        "écrivez {right_fr}",
        "Write {right}",
    ),
}

#: Of a document: a situation in JSON.
DOCUMENTS = {
    "not-json": Sentence(
        "ce n'est pas du JSON (ligne {line}, colonne {column})",
        "it is not JSON (line {line}, column {column}: {why})",
    ),
    "not-utf-8": Sentence("le texte n'est pas en UTF-8", "the text is not in UTF-8"),
    "number-too-long": Sentence("un nombre est trop grand", "a number is too large"),
    "too-deep": Sentence("le document est imbriqué trop profondément", "it is nested too deeply"),
    "key-twice": Sentence("la clé {key} est écrite deux fois", "key {key} is written twice"),
    "not-an-object": Sentence("un objet est attendu ici", "an object is expected here"),
    "not-a-list-of-persons": Sentence(
        "une liste de noms de personnes est attendue", "a list of persons is expected"
    ),
    "no-person": Sentence(
        "il faut au moins une personne dans « {where} »",
        "at least one person is needed in « {where} »",
    ),
    "no-axes": Sentence(
        "les axes ne sont pas lus : donnez une personne, ou une situation, par valeur",
        "axes are not read: give one person, or one situation, a value",
    ),
    "unknown-entity": Sentence(
        "{name} n'est pas une entité du modèle", "{name} is not an entity of the model"
    ),
    "too-many-persons": Sentence(
        "plus de {most} personnes (limite persons) : donnez-en moins, ou utilisez "
        "openfisca-cej simulate",
        "more than {most} persons (limit persons): give fewer, or use openfisca-cej simulate",
    ),
    "which-person": Sentence(
        "plusieurs personnes : dites laquelle ({names})",
        "several persons: say which one ({names})",
    ),
    "empty-name": Sentence("un nom est vide", "a name is empty"),
    "control-character": Sentence(
        "un nom contient un caractère de contrôle", "a name holds a control character"
    ),
    "long-name": Sentence(
        "un nom a plus de {most} caractères", "a name has more than {most} characters"
    ),
    "role-is-full": Sentence(
        "{most} personne{s} au plus dans ce rôle", "at most {most} person{s} in this role"
    ),
    "not-a-person": Sentence(
        "{name} n'est pas une des personnes", "{name} is not one of the persons"
    ),
    "placed-twice": Sentence("{name} est deux fois dans {where}", "{name} is twice in {where}"),
    "no-member": Sentence(
        "ce groupe n'a aucun membre : dites qui en fait partie, ou retirez-le",
        "this group has no member: say who is in it, or remove it",
    ),
    "unknown-variable": Sentence(
        "{name} n'est pas une variable du modèle", "{name} is not a variable of the model"
    ),
    "renamed": Sentence(
        "{name} s'appelle {new} depuis la version {since}",
        "{name} is called {new} since version {since}",
        "changez ce nom",
        "Change this name",
    ),
    "of-another-entity": Sentence(
        "« {name} » se donne dans « {right} », non dans « {wrong} »",
        "« {name} » belongs to « {right} », not to « {wrong} »",
    ),
    "no-period": Sentence(
        "une valeur par période est attendue, par exemple {example}",
        "a value by period is expected, for instance {example}",
    ),
    "only-keys": Sentence(
        "on n'attend que « {first} » et « {second} »",
        "only « {first} » and « {second} » are expected",
    ),
    "no-result": Sentence(
        "le résultat n'est pas un nombre : des valeurs données le rendent incalculable",
        "the result is not a number: values that were given make it impossible to compute",
    ),
    "cells-of-a-row": Sentence(
        "{cells} cases au lieu de {width}", "{cells} cells instead of {width}"
    ),
    "untold": Sentence(
        "des fautes de cette ligne ne sont pas dites : le lot en a trop (limite faults) ; "
        "corrigez d'abord celles qui le sont",
        "faults of this row are not told: the batch has too many (limit faults); mend first those "
        "that are",
    ),
}

#: Of a column, and of the rows of a file.
COLUMNS = {
    "unknown-column": Sentence(
        "{name} n'est pas une variable du modèle",
        "{name} is not a variable of the model",
        "renommez la colonne, ou retirez-la",
        "Rename or remove it",
    ),
    "not-of-the-model": Sentence(
        "{name} n'est pas une variable du modèle",
        "{name} is not a variable of the model",
        "les colonnes portent le nom des variables du modèle ; ce qui décrit les personnes (sexe, "
        "région, niveau de vie) va dans un fichier à part : compare --attributes ; dans une "
        "commande, --keep la porte aux résultats et --ignore-unknown la met de côté",
        "Columns are named after the variables of the model; characteristics of persons (sex, "
        "region, living standard) go in a file of their own: compare --attributes; in a command, "
        "--keep carries it to the results and --ignore-unknown sets it aside",
    ),
    "computed-here": Sentence(
        "c'est ce que la simulation calcule",
        "it is what the simulation computes",
        "retirez cette colonne",
        "Remove this column",
    ),
    "no-name": Sentence(
        "une colonne n'a pas de nom",
        "a column has no name",
        "donnez-lui celui d'une variable, ou retirez-la",
        "Name it after a variable, or remove it",
    ),
    "never-changes": Sentence(
        "{at} est de trop : {variable} ne change jamais",
        "{at} is too much: {variable} never changes",
        "écrivez {variable}",
        "Write {variable}",
    ),
    "alone-in-groups": Sentence(
        "chaque ligne est seule dans ses groupes",
        "each row is alone in its groups",
        "utilisez /calculate pour des familles",
        "Use /calculate for families",
    ),
    "column-twice": Sentence(
        "elle vient deux fois", "it comes twice", "gardez l'une des deux", "Keep one of the two"
    ),
    "no-birth": Sentence(
        "il n'y a pas de colonne {birth} (ni {age})",
        "there is no column {birth} (nor {age})",
        "ajoutez {birth} : le droit dépend de l'âge",
        "Add {birth}: the law depends on the age",
    ),
    "no-column-to-keep": Sentence(
        "il n'y a pas de colonne {name} à garder",
        "there is no column {name} to keep",
        "retirez-la de --keep",
        "Take it out of --keep",
    ),
    "no-column": Sentence(
        "il n'y a pas de colonne {name}",
        "there is no column {name}",
        "ajoutez {name} : une ligne par personne et par mois",
        "Add {name}: one row a person and month",
    ),
    "empty-identifier": Sentence(
        *EMPTY, "donnez un identifiant à chaque personne", "Give each person an identifier"
    ),
    "empty-group": Sentence(
        *EMPTY, "donnez un {name} à chaque personne", "Give each person a {name}"
    ),
    "missing-group": Sentence(
        "{value} ne nomme pas un groupe, et plusieurs personnes l'ont",
        "{value} names no group, and several persons have it",
        "donnez un {name} à chaque personne",
        "Give each person a {name}",
    ),
    "empty-person": Sentence(
        *EMPTY, "écrivez l'identifiant de la personne", "Write the identifier of the person"
    ),
    "empty-weight": Sentence(
        *EMPTY, "écrivez le poids de la personne", "Write the weight of the person"
    ),
    "empty-age": Sentence(
        *EMPTY,
        "donnez l'âge, ou {birth} : le droit en dépend",
        "Give the age, or {birth}: the law depends on it",
    ),
    "empty-date": Sentence(*EMPTY, "écrivez AAAA-MM-JJ", "Write YYYY-MM-DD"),
    "empty-month": Sentence(*EMPTY, "écrivez AAAA-MM", "Write YYYY-MM"),
    "no-weight": Sentence(
        "{value} n'est pas un poids",
        "{value} is not a weight",
        "écrivez plus de 0, ou retirez la ligne",
        "Write more than 0, or remove the row",
    ),
    "same-person": Sentence("{name} est déjà {where}", "{name} is already on {where}", *ONE_ROW),
    "same-month": Sentence(
        "{name} en {month} est déjà {where}",
        "{name} in {month} is already on {where}",
        *ROW_A_MONTH,
    ),
    "not-a-role": Sentence(
        "{value} n'est pas un rôle",
        "{value} is not a role",
        "écrivez l'un de : {roles}",
        "Write one of: {roles}",
    ),
    "role-is-taken": Sentence(
        "un groupe {entity} a un seul {role}, et {other} l'est déjà",
        "a {entity} has one {role}, and {other} is already that of this",
        "donnez à l'un d'eux un autre rôle",
        "Give one of them another role",
    ),
    "born-later": Sentence(
        "{value} est après les mois simulés",
        "{value} is after the months simulated",
        "vérifiez l'année",
        "Check the year",
    ),
    "born-long-ago": Sentence(
        "{value} est plus de {years} ans avant",
        "{value} is more than {years} years before",
        "vérifiez l'année",
        "Check the year",
    ),
    "members-differ": Sentence(
        "{value} n'est pas {other} de {where}, même {group}",
        "{value} is not {other} of {where}, same {group}",
        "écrivez une seule valeur, ou laissez les autres vides",
        "Write one value, or leave the others empty",
    ),
    "not-in-persons": Sentence(
        "{name} n'est pas dans {file}",
        "{name} is not in {file}",
        "ajoutez-y cette personne, ou retirez la ligne",
        "Add this person there, or remove the row",
    ),
    "in-both-files": Sentence(
        "{file} l'a aussi", "{file} has it too", "gardez-la dans un seul", "Keep it in one file"
    ),
    "no-row-in-month": Sentence(
        "{who} n'a pas de ligne en {month}, et la variable n'a pas de défaut",
        "{who} has no row in {month}, and the variable has no default",
        "ajoutez la ligne, ou retirez la colonne : le modèle la calcule",
        "Add the row, or remove the column: the model computes it",
    ),
    "not-monthly": Sentence(
        "elle n'a pas sa place dans un fichier de mois",
        "it does not belong in a months file",
        "mettez-la dans le fichier des personnes",
        "Put it in the persons file",
    ),
    "yearly": Sentence(
        "elle est annuelle",
        "it is yearly",
        "mettez {name}@AAAA dans le fichier des personnes",
        "Put {name}@YYYY in the persons file",
    ),
    "constant": Sentence(
        "elle ne change jamais",
        "it never changes",
        "mettez {name} dans le fichier des personnes",
        "Put {name} in the persons file",
    ),
    "month-apart": Sentence(
        "le mois est dans la colonne {month}",
        "the month is in the column {month}",
        "écrivez {name}",
        "Write {name}",
    ),
}

#: Of a whole file, and of a folder of parts.
FILES = {
    "file-not-utf-8": Sentence(
        "il n'est pas en UTF-8",
        "it is not in UTF-8",
        "enregistrez-le en « CSV UTF-8 »",
        "Save it as « CSV UTF-8 »",
    ),
    "not-utf-8-here": Sentence(
        "cette ligne n'est pas en UTF-8, comme le reste du fichier",
        "this line is not in UTF-8, as the rest of the file is",
        "enregistrez-le en « CSV UTF-8 »",
        "Save it as « CSV UTF-8 »",
    ),
    "no-name-known": Sentence(
        "aucun nom n'est celui d'une colonne que le modèle lit",
        "no name is that of a column that the model reads",
        "mettez les noms des colonnes sur la première ligne, rien au-dessus",
        "Write the names of the columns on the first line, and nothing above",
    ),
    "file-empty": Sentence(
        "il est vide",
        "it is empty",
        "sa première ligne nomme les colonnes",
        "Its first line names the columns",
    ),
    "not-csv": Sentence(
        "ce n'est pas un fichier CSV ({why})", "it is not a CSV file ({why})", *CHECK_QUOTES
    ),
    "not-csv-utf-8": Sentence(
        "ce n'est pas un fichier CSV en UTF-8 ({why})", "it is not a CSV file in UTF-8 ({why})"
    ),
    "only-a-header": Sentence(
        "il n'a aucune ligne sous son en-tête", "it has no row below its header", *ROW_A_PERSON
    ),
    "no-row": Sentence("il n'a aucune ligne", "it has no row", *ROW_A_PERSON),
    "stream-empty": Sentence(
        "il n'a aucune ligne",
        "it has no row",
        "donnez un flux que rien n'a encore lu",
        "Give a stream that nothing has read yet",
    ),
    "no-row-for-each": Sentence("il n'a aucune ligne", "it has no row", *ONE_EACH),
    "ragged": Sentence(
        "ses lignes n'ont pas toutes les colonnes de la première",
        "its rows have not all the columns of the first line",
    ),
    "beyond-names": Sentence(
        "la ligne a « {value} » au-delà de la dernière colonne qui a un nom",
        "the row has « {value} » beyond the last column that has a name",
        "nommez la colonne, ou videz-la",
        "Name the column, or empty it",
    ),
    "cells-of-a-line": Sentence(
        "la ligne a {cells} cases séparées par « {separator} », non {width}",
        "the row has {cells} cells separated by « {separator} », not {width}",
        "séparez les cases par le même signe que dans l'en-tête",
        "Separate the cells with the same sign as in the header",
    ),
    "not-parquet": Sentence(
        "ce n'est pas un fichier Parquet, ou il est abîmé ({why})",
        "it is not a Parquet file, or it is damaged ({why})",
        *AGAIN,
    ),
    "rows-announced": Sentence(
        "il annonce {announced} lignes et en a {held} : il est abîmé",
        "it announces {announced} rows and holds {held}: it is damaged",
        *AGAIN,
    ),
    "unreadable": Sentence("il ne peut être lu ({why})", "it cannot be read ({why})"),
    "column-unreadable": Sentence(
        "elle ne peut être lue ({why})",
        "it cannot be read ({why})",
        "donnez un tableau de valeurs d'un seul type",
        "Give an array of values of one type",
    ),
    "lengths-differ": Sentence(
        "ses colonnes n'ont pas la même longueur ({lengths})",
        "its columns have not the same length ({lengths})",
        *ONE_ROW,
    ),
    "indexes-differ": Sentence(
        "les lignes de {one} et de {two} n'ont pas le même index",
        "the rows of {one} and {two} have not the same index",
        "réunissez les colonnes dans un DataFrame, ou donnez leurs valeurs (.to_numpy())",
        "Put the columns in a DataFrame, or give their values (.to_numpy())",
    ),
    "folder-inside": Sentence(
        "il contient le dossier « {name} »", "it has the folder « {name} » in it", *ONE_FOLDER
    ),
    "not-a-part": Sentence(
        "« {name} » n'est ni un fichier .csv ni un fichier .parquet",
        "« {name} » is neither a .csv nor a .parquet file",
        "ôtez-le du dossier, ou renommez-le",
        "Move it out of the folder, or rename it",
    ),
    "another-kind": Sentence(
        "c'est {what_fr}",
        "it is {what}",
        "enregistrez-le en CSV (.csv, .csv.gz, .csv.zst), Parquet, xlsx ou ods",
        "Save it as CSV (.csv, .csv.gz, .csv.zst), Parquet, xlsx or ods",
    ),
    "not-a-workbook": Sentence(
        "ce classeur ne peut être lu ({why})", "this workbook cannot be read ({why})", *AGAIN
    ),
    "packed-badly": Sentence(
        "il ne peut être décompressé ({why})", "it cannot be decompressed ({why})", *AGAIN
    ),
    "nothing-but-nuls": Sentence(
        "le fichier finit par {count} octets nuls : il a été mal copié, ou coupé",
        "the file ends with {count} NUL bytes: it was badly copied, or cut",
        *AGAIN,
    ),
    "group-too-large": Sentence(
        "{name} est l'identifiant de {count} personnes",
        "{name} is the identifier of {count} persons",
        "donnez à chaque {entity} le sien, ou ôtez la colonne {column} : chacun est alors seul",
        "Give each {entity} its own, or remove the column {column}: everyone is then alone",
    ),
    "no-part": Sentence(
        "il n'a aucune partie",
        "it has no part file",
        "mettez-y des fichiers .csv ou .parquet",
        "Put .csv or .parquet files in it",
    ),
    "two-kinds": Sentence(
        "il a des fichiers CSV et des fichiers Parquet",
        "it has both CSV and Parquet files",
        "n'y gardez qu'une sorte",
        "Keep one kind in the folder",
    ),
    "other-columns": Sentence(
        "{there} l'a et {here} ne l'a pas",
        "{there} has it and {here} does not",
        "donnez à toutes les parties les mêmes colonnes",
        "Give all the part files the same columns",
    ),
    "person-in-two": Sentence(
        "{name} est à la fois dans {one} et dans {two}",
        "{name} is both in {one} and in {two}",
        *ONE_ROW,
    ),
    "group-in-two-pieces": Sentence(
        "{entity} {name} est à la fois dans {one} et dans {two}",
        "{entity} {name} lies both in {one} and in {two}",
        "triez le fichier par {column}, pour que les lignes d'un groupe se suivent",
        "Sort the file by {column}, so that the rows of a group follow each other",
    ),
    "group-in-two-files": Sentence(
        "{entity} {name} est à la fois dans {one} et dans {two}",
        "{entity} {name} lies both in {one} and in {two}",
        "mettez les lignes d'un groupe {entity} dans une seule partie, par exemple en triant par "
        "{column}",
        "Put the rows of a {entity} in one part file, for instance sorted by {column}",
    ),
    "no-identifier": Sentence(
        "il n'a pas de colonne {name}",
        "it has no column {name}",
        "nommez les personnes comme dans leur fichier",
        "Name the persons as in their file",
    ),
    "persons-absent": Sentence(
        "personnes qui n'y sont pas : {count}, dont {name}",
        "persons who are not in it: {count}, {name} among them",
        *ONE_EACH,
    ),
    "person-twice": Sentence(
        "{name} y est plus d'une fois", "{name} is in it more than once", *ONE_EACH
    ),
}

#: Of an address: the parameters of the API.
ADDRESSES = {
    "month-of-address": Sentence(
        "{value} n'est pas un mois (par exemple 2025-03)",
        "{value} is not a month (for instance 2025-03)",
    ),
    "months-of-address": Sentence(
        "{value} n'est pas une suite de mois (par exemple 2025-01:2025-12)",
        "{value} is not a range of months (for instance 2025-01:2025-12)",
    ),
    "months-out-of-order": Sentence(
        "{value} finit avant de commencer, ou dure plus de {years} ans", "{why}"
    ),
    "not-monthly-of-persons": Sentence(
        "{value} n'est pas une variable mensuelle des personnes",
        "{value} is not a monthly variable of persons",
    ),
    "before-the-law": Sentence(
        "{value} est avant la loi : le premier mois est {first}",
        "{value} is before the law: the first month is {first}",
    ),
    "too-many-characters": Sentence(
        "plus de {most} caractères à chercher", "more than {most} characters to look for"
    ),
    "not-a-resource": Sentence(
        "{value} n'est pas une ressource mensuelle", "{value} is not a monthly resource"
    ),
    "euros-out-of-bounds": Sentence(
        "{value} n'est pas un nombre d'euros de 1 à {most}",
        "{value} is not a number of euros from 1 to {most}",
    ),
    "not-an-amount-paid": Sentence(
        "{value} n'est pas un montant de 0 à {most} euros",
        "{value} is not an amount from 0 to {most} euros",
        "écrivez par exemple 331.37",
        "Write for instance 331.37",
    ),
    "not-one-of": Sentence(
        "{value} n'est pas un de : {choices}", "{value} is not one of: {choices}"
    ),
    "integer-out-of-bounds": Sentence(
        "{value} n'est pas un entier de {least} à {most}",
        "{value} is not an integer from {least} to {most}",
    ),
}

#: Of an answer on the page.
ANSWERS = {
    "not-a-day": Sentence(
        "{value} n'est pas une date",
        "{value} is not a date",
        "écrivez par exemple 27/03/2005",
        "Write for instance 27/03/2005",
    ),
    "no-such-day": Sentence(
        "{value} n'existe pas dans le calendrier", "{value} is not in the calendar"
    ),
    "day-out-of-reach": Sentence(
        "{value} n'est pas une date de {first} à {last}",
        "{value} is not a date from {first} to {last}",
    ),
    "not-an-amount": Sentence(
        "{value} n'est pas un montant",
        "{value} is not an amount",
        "écrivez par exemple 450,50",
        "Write for instance 450,50",
    ),
    "not-positive": Sentence(
        "{value} n'est pas un nombre positif", "{value} is not a positive number"
    ),
    "lever-out-of-bounds": Sentence(
        "écrivez un nombre de {least} à {most}", "write a number from {least} to {most}"
    ),
    "fractions-of-a-centime": Sentence(
        "{value} a plus de deux chiffres après la virgule", "{value} has more than two decimals"
    ),
}

SENTENCES = {**VALUES, **PERIODS, **DOCUMENTS, **COLUMNS, **FILES, **ADDRESSES, **ANSWERS}
