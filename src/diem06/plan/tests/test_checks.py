"""
Each kind of fault of what a plan says, told at its line.

A case breaks one place of the plan of Sông Mây: (file, old text, new text, where the fault is told, path, what is wrong).
"""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from diem06.plan.changes import GRADES, precedence_on, precedence_row_on
from diem06.plan.checks import check
from diem06.plan.reader import read_plan

ADDED_UNIT = """[[unit]]
code = "{code}"
key = "{key}"
name_en = "New"
kind = "body"
level = "district"
area = "991"
{more}

[[unit.name]]
name = "Mới"
short = "Mới"

[[group]]
code = "reporting_units"
"""
ADDED_RULE = '\n[[obligation]]\nmeasure = "{measure}"\nowed_by = ["{owed_by}"]\ngrain = "{grain}"\nfrom = 2024-01-02\n'
ADDED_RULE += 'source = "{source}"\n{more}\n[[obligation]]\nmeasure = "schools"\n'
FIRST_SCHOOLS = '\n[[obligation]]\nmeasure = "schools"\n'
GROUP = '[[group]]\ncode = "reporting_units"\n'
TARGET = "value = 0.6\nfrom = 2024-01-02"
STATE = "meals_served[paid_by=state]"


def rule(measure="samples", owed_by="tt-y-te", grain="unit", source="T.4", more=""):
    return ADDED_RULE.format(measure=measure, owed_by=owed_by, grain=grain, source=source, more=more)


def unit(code="moi", key="moi", more=""):
    return ADDED_UNIT.format(code=code, key=key, more=more)


PLAN = [
    ("plan.toml", 'id = "song-may-2024"', 'id = "Sông Mây"', "", "id", "'Sông Mây' is not a short name."),
    ("plan.toml", 'key = "sm24"', 'key = "sm2024"', "", "key", "'sm2024' does not fit in figure keys."),
    ("plan.toml", 'key = "sm24"', 'key = "sđ"', "", "key", "'sđ' does not fit in figure keys."),
    ("plan.toml", 'issuer = "ubnd-song-may"', 'issuer = "ubnd"', "", "issuer", "there is no unit 'ubnd'."),
    ("plan.toml", 'lead_unit = "phong-gddt"', 'lead_unit = "x"', "", "lead_unit", "there is no unit 'x'."),
    ("plan.toml", 'area = "991"', 'area = "992"', "", "area", "there is no area '992' on 2024-01-02."),
    ("plan.toml", 'first = "2024-01"', 'first = "2024-13"', "", "periods.first", "'2024-13' is no month."),
    ("plan.toml", "lock_days = 5", "lock_days = -1", "", "periods.lock_days", "-1 days cannot be."),
    (
        "plan.toml",
        'with_deadline = "straight_line"',
        'with_deadline = "curve"',
        "",
        "standing_rule[0].with_deadline",
        'expected one of the words below, got "curve".',
    ),
    ("plan.toml", 'source = "O.2"', 'source = "O.9"', "", "standing_rule[0].source", "there is no clause 'O.9'."),
    ("plan.toml", 'source = "O.2"', 'source = ""', "", "standing_rule[0].source", "has no words."),
    (
        "plan.toml",
        'source = "O.2"',
        'source = "ý kiến: "',
        "",
        "standing_rule[0].source",
        "is an opinion without a reason.",
    ),
    ("plan.toml", 'clause = "B.1"', 'clause = "B.2"', "", "document[0].clause", "there is no clause 'B.2'."),
    ("plan.toml", "{issuer}", "huyện", "opening =", "report.opening", "does not say who reports."),
    (
        "plan.toml",
        'provincial_pilot = "B"',
        'provincial_pilot = "P"',
        "",
        "report.provincial_pilot",
        "there is no pilot 'P'.",
    ),
    (
        "plan.toml",
        'issuer = "ubnd-song-may"\nsymbol',
        'issuer = "x"\nsymbol',
        "",
        "report.kind[1].issuer",
        "there is no unit 'x'.",
    ),
    (
        "plan.toml",
        'symbol = "BC-UBND"',
        'symbol = ""',
        "",
        "report.kind[1].symbol",
        "is empty though the report has an issuer.",
    ),
    (
        "plan.toml",
        'name_en = "Section to merge"',
        'name_en = "Section"\nlate_annex = true',
        '[[report.kind]]\ncode = "section"',
        "report.kind[0]",
        "a section without issuer has no head, signer or late annex.",
    ),
]
ORDER = 'order = ["evidenced", "imported", "declared"]'
ANOTHER = f'{ORDER}\n\n[[precedence]]\nfrom = {{day}}\nsource = "{{source}}"\n{{more}}order = ["declared", "imported", "evidenced"]'


def another(day="2024-03-01", source="Công văn 5", more=""):
    return ANOTHER.format(day=day, source=source, more=more)


PRECEDENCE = [
    (
        "plan.toml",
        ORDER,
        'order = ["evidenced", "typed", "declared"]',
        "",
        "precedence[0].order[1]",
        'expected one of the words below, got "typed".',
    ),
    *(
        ("plan.toml", ORDER, order, "", "precedence[0].order", "does not name each grade once.")
        for order in (
            'order = ["evidenced", "declared"]',
            'order = ["evidenced", "declared", "declared"]',
            "order = []",
        )
    ),
    (
        "plan.toml",
        ORDER,
        f'{ORDER}\nmeasures = ["meals"]',
        'measures = ["meals"]',
        "precedence[0].measures[0]",
        "there is no recorded measure 'meals'.",
    ),
    (
        "plan.toml",
        ORDER,
        another(day="2024-01-02", source="ý kiến: thử"),
        'from = 2024-01-02\nsource = "ý kiến: thử"',
        "precedence[1].from",
        "every measure has a rule from 2024-01-02 in precedence[0].",
    ),
    (
        "plan.toml",
        ORDER,
        another(more='measures = ["schools", "schools"]\n'),
        "from = 2024-03-01",
        "precedence[1].from",
        "schools has a rule from 2024-03-01 in precedence[1].",
    ),
    ("plan.toml", ORDER, another(source=" "), 'source = " "', "precedence[1].source", "has no words."),
    (
        "plan.toml",
        'from = 2024-01-02\nsource = "ý kiến: bản ghi',
        'from = 2024-02-01\nsource = "ý kiến: bản ghi',
        "[[precedence]]",
        "precedence",
        "no rule for every measure is in force on 2024-01-02.",
    ),
    (
        "measures.toml",
        'code = "schools"\n',
        'code = "schools"\napproximate = true\n',
        "approximate = true",
        "measure[1].approximate",
        "schools is a stock.",
    ),
]
TEXT = [
    (
        "text.toml",
        'address = "p002"',
        'address = "p001"',
        'address = "p001"\nstyle = "subject"',
        "paragraph[1].address",
        "'p001' stands already in paragraph[0].",
    ),
    ("text.toml", 'address = "p002"', 'address = "2"', "", "paragraph[1].address", "'2' is no address."),
    (
        "text.toml",
        'style = "title"',
        'style = "big"',
        "",
        "paragraph[0].style",
        'expected one of the words below, got "big".',
    ),
    ("text.toml", 'text = "KẾ HOẠCH"', 'text = " "', "", "paragraph[0].text", "is empty."),
    (
        "text.toml",
        'text = "KẾ HOẠCH"',
        'text = "KE\u0302\u0301 HOẠCH"',
        "",
        "paragraph[0].text",
        "is not in Unicode NFC.",
    ),
]
CLAUSES = [
    (
        "clauses.toml",
        'id = "T.2"',
        'id = "T.1"',
        'id = "T.1"\nkind = "target"\nalso',
        "clause[2].id",
        "'T.1' stands already in clause[1].",
    ),
    (
        "clauses.toml",
        'kind = "base"',
        'kind = "law"',
        "",
        "clause[0].kind",
        'expected one of the words below, got "law".',
    ),
    (
        "clauses.toml",
        'also_kinds = ["deadline"]',
        'also_kinds = ["target"]',
        "",
        "clause[2].also_kinds[0]",
        'expected one of the words below, got "target".',
    ),
    (
        "clauses.toml",
        'record_types = ["unit_plan"]',
        'record_types = ["photo"]',
        "",
        "clause[5].record_types[0]",
        'expected one of the words below, got "photo".',
    ),
    ("clauses.toml", 'pilot = "B"', 'pilot = "C"', "", "clause[1].pilot", "there is no pilot 'C'."),
    (
        "clauses.toml",
        'quote = "60% suất ăn',
        'quote = "65% suất ăn',
        "",
        "clause[1].quote",
        "these words are not in the spans of the clause.",
    ),
    (
        "clauses.toml",
        'paragraph = "p005"',
        'paragraph = "p055"',
        "",
        "clause[1].span[0].paragraph",
        "there is no paragraph 'p055'.",
    ),
    ("clauses.toml", 'starts = "theo dõi"', 'starts = "vắng"', "", "clause[3].span[0].starts", "not found in p006."),
    ("clauses.toml", 'ends = "I/2024;"', 'ends = "II/2024"', "", "clause[2].span[0].ends", "not found in p006."),
    (
        "clauses.toml",
        '"narrative"]\n\n[[clause.span]]\nparagraph = "p010"\n',
        '"narrative"]\nspan = []\n',
        "span = []",
        "clause[6].span",
        "the clause has no place in the text.",
    ),
    (
        "clauses.toml",
        'wrong = "qúy"',
        'wrong = "qui"',
        "",
        "clause[2].correction[0].wrong",
        "these words are not in the spans of the clause.",
    ),
    ("clauses.toml", 'right = "quý"', 'right = "qúy"', "", "clause[2].correction[0].right", "corrects nothing."),
    (
        "clauses.toml",
        'information = "Văn bản căn cứ"',
        'information = ""',
        "[[clause]]",
        "clause[0]",
        "nothing serves clause B.1.",
    ),
    ("who.toml", 'clause = "O.1"', 'clause = "O.7"', "", "pilot[0].clause", "there is no clause 'O.7'."),
]
WHO = [
    (
        "who.toml",
        'key = "gddt"',
        'key = "song-may"',
        'key = "song-may"\nname_en = "Div',
        "unit[1].key",
        "'song-may' stands already in unit[0].",
    ),
    (
        "who.toml",
        'key = "gddt"',
        'key = "phong-giao-duc"',
        "",
        "unit[1].key",
        "'phong-giao-duc' does not fit in figure keys.",
    ),
    ("who.toml", 'key = "gddt"', 'key = "gdđt"', "", "unit[1].key", "'gdđt' does not fit in figure keys."),
    (
        "who.toml",
        GROUP,
        unit(code="tt-y-te", key="moi"),
        'code = "tt-y-te"\nkey = "moi"',
        "unit[3].code",
        "'tt-y-te' stands already in unit[2].",
    ),
    ("who.toml", GROUP, unit(code="Mới"), 'code = "Mới"', "unit[3].code", "'Mới' is not a short name."),
    ("who.toml", 'kind = "body"', 'kind = "club"', "", "unit[2].kind", 'expected one of the words below, got "club".'),
    (
        "who.toml",
        'reports = "yes"',
        'reports = "often"',
        "",
        "unit[1].reports",
        'expected one of the words below, got "often".',
    ),
    ("who.toml", 'parent = "ubnd-song-may"', 'parent = "x"', "", "unit[1].parent", "there is no unit 'x'."),
    ("who.toml", 'area = "991"', 'area = "99101"', "", "unit[0].area", "area '99101' is a commune, not a district."),
    ("who.toml", 'area = "991"', 'area = "000"', "", "unit[0].area", "there is no area '000' on 2024-01-02."),
    ("who.toml", 'area = "991"\n', "", "[[unit]]", "unit[0].area", "is missing."),
    (
        "who.toml",
        'signs = [["GIÁM ĐỐC"]]',
        'signs = [["PHÓ GIÁM ĐỐC"]]',
        "",
        "unit[2].signs",
        "no block is signed by GIÁM ĐỐC.",
    ),
    (
        "who.toml",
        'short = "UBND huyện"',
        'short = "UBND huyện"\n\n[[unit.name]]\nname = "UBND"\nshort = "UBND"',
        '[[unit.name]]\nname = "UBND"',
        "unit[0].name[1].from",
        "is not later than the name before it.",
    ),
    (
        "who.toml",
        GROUP,
        unit(more="valid_to = 2024-01-01"),
        "valid_to",
        "unit[3].valid_to",
        "2024-01-01 is before 2024-01-02, its first day.",
    ),
    (
        "who.toml",
        GROUP,
        unit(more='valid_to = 2024-06-30\nsuccessor = "x"'),
        "successor",
        "unit[3].successor",
        "there is no unit 'x'.",
    ),
    (
        "who.toml",
        GROUP,
        unit(more='successor = "tt-y-te"'),
        "successor",
        "unit[3].successor",
        "the unit has no last day.",
    ),
    (
        "who.toml",
        GROUP,
        unit(more='valid_to = 2024-06-30\nsuccessor = "sau"').replace(
            "[[group]]", unit(code="sau", key="sau", more="valid_from = 2024-08-01").replace(GROUP, "[[group]]")
        ),
        "successor",
        "unit[3].successor",
        "sau is not there on 2024-07-01.",
    ),
    (
        "who.toml",
        'code = "reporting_units"',
        'code = "tt-y-te"',
        'code = "tt-y-te"\nname',
        "group[0].code",
        "'tt-y-te' is also a unit.",
    ),
    ("who.toml", 'clauses = ["O.2"]', 'clauses = ["O.2", "X"]', "", "group[0].clauses[1]", "there is no clause 'X'."),
    (
        "who.toml",
        'basis = "plan"',
        'basis = "law"',
        "",
        "group[0].basis",
        'expected one of the words below, got "law".',
    ),
    (
        "who.toml",
        'members = ["phong-gddt", "tt-y-te"]',
        'members = ["phong-gddt", "x"]',
        "",
        "group[0].members[1]",
        "there is no unit 'x'.",
    ),
    (
        "who.toml",
        'members = ["phong-gddt", "tt-y-te"]',
        'members_if_listed = ["tt-y-te"]',
        "",
        "group[0].members_if_listed[0]",
        "tt-y-te reports without being listed.",
    ),
    (
        "who.toml",
        GROUP,
        '[[listing]]\nunit = "tt-y-te"\nfrom = 2024-01-02\nsource = "1/CV"\n\n' + GROUP,
        'unit = "tt-y-te"',
        "listing[0].unit",
        "tt-y-te needs no listing.",
    ),
    ("who.toml", 'unit = "phong-gddt"', 'unit = "x"', "", "assignment[0].unit", "there is no unit 'x'."),
    ("who.toml", 'pilot = "B"', 'pilot = "C"', "", "assignment[0].pilot", "there is no pilot 'C'."),
    (
        "who.toml",
        'unit_in_plan = "Phòng Giáo dục và Đào tạo"',
        'unit_in_plan = "Phòng GD"',
        "",
        "assignment[0].unit_in_plan",
        "clause O.1 does not name it so.",
    ),
    ("who.toml", 'owed_by = "tt-y-te"', 'owed_by = "x"', "", "duty[0].owed_by", "there is no unit or group 'x'."),
    (
        "who.toml",
        'role = "co-ordinate"',
        'role = "help"',
        "",
        "duty[0].role",
        'expected one of the words below, got "help".',
    ),
]
MEASURES = [
    (
        "measures.toml",
        'values = ["state", "family"]',
        'values = ["state", "state", "family"]',
        "",
        "measure[0].dimension[0].values",
        "'state' stands twice.",
    ),
    (
        "measures.toml",
        'code = "pupils_eating"',
        'code = "PupilsEating"',
        "",
        "measure[2].code",
        "'PupilsEating' is not a code.",
    ),
    (
        "measures.toml",
        '[[measure]]\ncode = "schools"',
        '[[measure]]\ncode = "extra"\nname = "x"\nname_en = "x"\nentity = "x"\nkind = "flow"\ngrain = "unit"\n\n[[measure]]\ncode = "schools"',
        'code = "extra"',
        "measure[1].code",
        "no formula uses extra.",
    ),
    (
        "measures.toml",
        'value = "state"',
        'value = "country"',
        "",
        "label[1].value",
        "no measure has paid_by=country.",
    ),
    (
        "measures.toml",
        'value = "state"',
        'value = "country"',
        "[[measure.dimension]]",
        "measure[0].dimension[0]",
        "paid_by=state has no words.",
    ),
    (
        "measures.toml",
        'measure = "schools"',
        'measure = "school"',
        'measure = "school"',
        "obligation[1].measure",
        "there is no measure 'school'.",
    ),
    (
        "measures.toml",
        'owed_by = ["tt-y-te"]',
        'owed_by = ["x"]',
        "",
        "obligation[3].owed_by[0]",
        "there is no unit or group 'x'.",
    ),
    ("measures.toml", 'owed_by = ["tt-y-te"]', "owed_by = []", "", "obligation[3].owed_by", "nobody owes it."),
    (
        "measures.toml",
        'source = "O.1; T.4"',
        'source = "O.1; T.5"',
        "",
        "obligation[3].source",
        "there is no clause 'T.5'.",
    ),
    (
        "measures.toml",
        'split_by = ["paid_by"]',
        'split_by = ["paid_by", "food"]',
        "",
        "obligation[0].split_by",
        "meals_served has no dimension 'food'.",
    ),
    (
        "measures.toml",
        'split_by = ["paid_by"]',
        'where = { paid_by = ["nobody"] }',
        "",
        "obligation[0].where",
        "dimension paid_by of meals_served has no value 'nobody'.",
    ),
    (
        "measures.toml",
        'values = ["cooked", "raw"]',
        "values = []",
        'split_by = ["food", "outcome"]',
        "obligation[3].split_by",
        "food of samples has no list of values.",
    ),
    (
        "measures.toml",
        'levels = ["district", "commune"]\n',
        "",
        '[[obligation]]\nmeasure = "pupils_eating"',
        "obligation[2].levels",
        "a distinct count is owed once per level.",
    ),
    (
        "measures.toml",
        'split_by = ["paid_by"]',
        'split_by = ["paid_by"]\nlevels = ["district"]',
        "levels =",
        "obligation[0].levels",
        "a flow adds up and is owed once.",
    ),
    (
        "measures.toml",
        'entity = "school"\nkind = "stock"\ngrain = "commune"',
        'entity = "school"\nkind = "stock"\ngrain = "district"',
        'grain = "commune"\nsplit_by = ["kitchen"]',
        "obligation[1].grain",
        "is finer than that of schools.",
    ),
    (
        "measures.toml",
        FIRST_SCHOOLS,
        rule(more="until = 2024-01-01\n"),
        "until",
        "obligation[1].until",
        "2024-01-01 is before 2024-01-02.",
    ),
    (
        "measures.toml",
        FIRST_SCHOOLS,
        rule(more="on = 2023-12-31\n"),
        "on = 2023",
        "obligation[1].on",
        "the rule is not in force on 2023-12-31.",
    ),
    (
        "measures.toml",
        FIRST_SCHOOLS,
        rule(owed_by="reporting_units", more='split_by = ["food", "outcome"]\n'),
        'owed_by = ["tt-y-te"]',
        "obligation[4].owed_by",
        "tt-y-te owes the same cells of samples by obligation[1].",
    ),
]
INDICATORS = [
    (
        "indicators.toml",
        'code = "B2"',
        'code = "B1"',
        'code = "B1"\nclauses = ["T.2"]',
        "indicator[1].code",
        "'B1' stands already in indicator[0].",
    ),
    (
        "indicators.toml",
        'code = "B4b"',
        'code = "B4a"',
        'code = "B4a"\ntext = "Tính',
        "indicator[3].reading[1].code",
        "'B4a' stands already in indicator[3].reading[0].",
    ),
    ("indicators.toml", 'code = "B1"', 'code = "B 1"', "", "indicator[0].code", "'B 1' is not a code."),
    (
        "indicators.toml",
        'code = "B1"',
        f'code = "{"B" * 20}"',
        "",
        "indicator[0].code",
        f"figure keys with '{'B' * 20}' take 57 characters, more than 48.",
    ),
    (
        "indicators.toml",
        'clauses = ["T.1"]',
        'clauses = ["T.0"]',
        "",
        "indicator[0].clauses[0]",
        "there is no clause 'T.0'.",
    ),
    (
        "indicators.toml",
        'clauses = ["T.1"]',
        "clauses = []",
        "",
        "indicator[0].clauses",
        "the indicator serves no clause.",
    ),
    (
        "indicators.toml",
        'owed_by = ["tt-y-te"]',
        'owed_by = ["x"]',
        "",
        "indicator[3].owed_by[0]",
        "there is no unit or group 'x'.",
    ),
    ("indicators.toml", 'levels = ["district"]', "levels = []", "", "indicator[3].levels", "is empty."),
    (
        "indicators.toml",
        'usual_sources = ["declared"]',
        'usual_sources = ["guessed"]',
        "",
        "indicator[0].usual_sources[0]",
        'expected one of the words below, got "guessed".',
    ),
    (
        "indicators.toml",
        'kind = "flow"',
        'kind = "flow"\ndirection = "sideways"',
        "direction",
        "indicator[0].direction",
        'expected one of the words below, got "sideways".',
    ),
    (
        "indicators.toml",
        f'numerator = "{STATE}"',
        'numerator = "meals_served["',
        "",
        "indicator[0].numerator",
        "expected + or - at '['.",
    ),
    (
        "indicators.toml",
        f'numerator = "{STATE}"',
        'numerator = "meals"',
        "",
        "indicator[0].numerator",
        "there is no measure 'meals'.",
    ),
    (
        "indicators.toml",
        f'numerator = "{STATE}"',
        'numerator = "meals_served[kitchen=standard]"',
        "",
        "indicator[0].numerator",
        "meals_served has no dimension 'kitchen'.",
    ),
    (
        "indicators.toml",
        f'numerator = "{STATE}"',
        'numerator = "meals_served[paid_by=nobody]"',
        "",
        "indicator[0].numerator",
        "dimension paid_by of meals_served has no value 'nobody'.",
    ),
    (
        "indicators.toml",
        f'numerator = "{STATE}"',
        'numerator = "meals_served"',
        "",
        "indicator[0].numerator",
        "is the same as the denominator: always 100%.",
    ),
    (
        "indicators.toml",
        f'numerator = "{STATE}"',
        'numerator = "schools"',
        "",
        "indicator[0].numerator",
        "counts meal over school.",
    ),
    (
        "indicators.toml",
        'numerator = "samples[food=raw;outcome=passed]"',
        'numerator = "samples[food=cooked;outcome=passed]"',
        'numerator = "samples[food=cooked;outcome=passed]"\ndenominator = "samples[food=raw]"',
        "indicator[3].reading[1].part[1].numerator",
        "is not part of the denominator: food may be raw there.",
    ),
    ("indicators.toml", TARGET, TARGET.replace("0.6", "60"), "", "indicator[0].target[0].value", "60 is no share."),
    ("indicators.toml", TARGET, TARGET.replace("0.6", "0"), "", "indicator[0].target[0].value", "0 is no share."),
    (
        "indicators.toml",
        TARGET,
        TARGET.replace("0.6", "0.7"),
        "",
        "indicator[0].target[0].value",
        "the quote does not say 70%.",
    ),
    (
        "indicators.toml",
        'stated = "number"',
        'stated = "words"',
        "",
        "indicator[0].target[0].stated",
        "the quote says 60%.",
    ),
    (
        "indicators.toml",
        'quote = "60% suất ăn được ngân sách hỗ trợ."',
        'quote = "60% suất ăn"\nunit = "x"',
        "unit =",
        "indicator[0].target[0].unit",
        "there is no unit 'x'.",
    ),
    (
        "indicators.toml",
        'quote = "60% suất ăn được ngân sách hỗ trợ."',
        'quote = ""',
        "",
        "indicator[0].target[0].quote",
        "the plan's words are missing.",
    ),
    (
        "indicators.toml",
        'quote = "60% suất ăn được ngân sách hỗ trợ."',
        'quote = "60% số suất ăn"',
        "",
        "indicator[0].target[0].quote",
        "these words are not in clause T.1.",
    ),
    (
        "indicators.toml",
        'deadline_quote = "xong trong qúy I/2024"\n',
        "",
        "deadline = ",
        "indicator[1].target[0].deadline",
        "the plan's words for this day are missing.",
    ),
    (
        "indicators.toml",
        "deadline = 2024-03-31\n",
        "",
        "deadline_quote",
        "indicator[1].target[0].deadline_quote",
        "has no day.",
    ),
    (
        "indicators.toml",
        'deadline_quote = "xong trong qúy I/2024"',
        'deadline_quote = "xong trong tháng 3"',
        "",
        "indicator[1].target[0].deadline_quote",
        "these words are not in clause T.2.",
    ),
    (
        "indicators.toml",
        "deadline = 2024-03-31",
        "deadline = 2023-03-31",
        "",
        "indicator[1].target[0].deadline",
        "is before 2024-01-02, when the target begins.",
    ),
    (
        "indicators.toml",
        'quote = "theo dõi số học sinh ăn tại trường"',
        'quote = "đếm học sinh"',
        "",
        "indicator[2].quote",
        "these words are not in the plan.",
    ),
    (
        "indicators.toml",
        'quote = "theo dõi số học sinh ăn tại trường"',
        (
            "\n[[indicator.target]]\nvalue = 1\nfrom = 2024-01-02\n"
            'clause = "T.2"\nquote = "100% trường có bếp đạt chuẩn"\nstated = "number"'
        ),
        'value = 1\nfrom = 2024-01-02\nclause = "T.2"\nquote = "100% trường có bếp đạt chuẩn"\nstated = "number"\n\n[[ind',
        "indicator[2].target[0].value",
        "B3 is a count and has no share to reach.",
    ),
    (
        "indicators.toml",
        'counted_en = "samples"',
        (
            'counted_en = "samples"\n\n[[indicator.target]]\nvalue = 0.95\nfrom = 2024-01-02\n'
            'clause = "T.4"\nquote = "95% mẫu"\nstated = "number"'
        ),
        "[[indicator.target]]\nvalue = 0.95",
        "indicator[3].target[0]",
        "an indicator with readings has a target only by a decided one.",
    ),
    (
        "indicators.toml",
        'counted_en = "schools"',
        'counted_en = "schools"\nsame_as = "B1"',
        "same_as",
        "indicator[1].same_as",
        "is not the same figure as B1.",
    ),
    (
        "indicators.toml",
        'counted_en = "schools"',
        'counted_en = "schools"\nsame_as = "B9"',
        "same_as",
        "indicator[1].same_as",
        "there is no indicator 'B9'.",
    ),
    (
        "indicators.toml",
        'counted_en = "schools"',
        'counted_en = "schools"\nshown_apart = ["schools[kitchen=none]"]',
        "shown_apart",
        "indicator[1].shown_apart[0]",
        "dimension kitchen of schools has no value 'none'.",
    ),
    (
        "indicators.toml",
        'stated = "number"\n\n[[indicator.reading]]\ncode = "B4b"',
        (
            'stated = "number"\n\n[[indicator.reading.decision]]\nfrom = 2024-02-01\ndecided_by = ""\ndocument = ""\n\n'
            '[[indicator.reading]]\ncode = "B4b"'
        ),
        "[[indicator.reading.decision]]",
        "indicator[3].reading[0].decision[0]",
        "does not say who decided it by which document.",
    ),
    (
        "indicators.toml",
        'indicators = ["B2"]',
        'indicators = ["B9"]',
        "",
        "scope_list[0].indicators[0]",
        "there is no indicator 'B9'.",
    ),
    (
        "indicators.toml",
        'indicators = ["B2"]',
        'indicators = ["B2"]\nnumber = "1/QĐ"',
        "[[scope_list]]",
        "scope_list[0]",
        "has a number or a day, but not both.",
    ),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "at", "path", "wrong"),
    [*PLAN, *PRECEDENCE, *TEXT, *CLAUSES, *WHO, *MEASURES, *INDICATORS],
)
def test_a_fault_is_told_at_its_line(break_plan, small_folder, small_areas, file, old, new, at, path, wrong):
    name, line = break_plan(file, old, new, at)

    faults = check(read_plan(small_folder), small_areas)

    assert (name, line, path, wrong) in [(f.file, f.line, f.path, f.wrong) for f in faults]
    assert all(fault.write for fault in faults)


def test_the_small_plan_has_no_fault(small_folder, small_areas):
    assert check(read_plan(small_folder), small_areas) == []


def test_the_latest_row_that_names_a_measure_stands_over_those_for_all(break_plan, small_folder, small_areas):
    """And a day before any row, as a plan without one, is read from the strongest grade to the weakest."""
    break_plan("plan.toml", ORDER, another(day="2024-02-01", more='measures = ["schools"]\n'))
    break_plan(
        "plan.toml",
        "[[document]]",
        ANOTHER.format(day="2024-03-01", source="x", more="")[len(ORDER) :] + "\n\n[[document]]",
    )
    plan = read_plan(small_folder)

    assert check(plan, small_areas) == []
    turned = ("declared", "imported", "evidenced")
    assert precedence_on(plan, "schools", date(2024, 1, 31)) == GRADES
    assert precedence_on(plan, "schools", date(2024, 2, 1)) == turned
    assert precedence_on(plan, "samples", date(2024, 2, 29)) == GRADES
    assert precedence_on(plan, "samples", date(2024, 3, 1)) == turned
    assert precedence_row_on(plan, "schools", date(2024, 3, 1)).measures == ("schools",)
    assert precedence_on(dataclasses.replace(plan, precedences=()), "schools", date(2024, 5, 1)) == GRADES


def test_all_faults_are_told_at_once(break_plan, small_folder, small_areas):
    expected = [
        break_plan("indicators.toml", f'numerator = "{STATE}"', 'numerator = "meals"'),
        break_plan("measures.toml", 'owed_by = ["tt-y-te"]', 'owed_by = ["x"]'),
        break_plan("who.toml", 'parent = "ubnd-song-may"', 'parent = "x"'),
    ]

    assert expected == [(f.file, f.line) for f in check(read_plan(small_folder), small_areas)]


def test_areas_are_not_checked_without_a_list_and_all_unknown_with_an_empty_one(small_folder):
    plan = read_plan(small_folder)

    assert check(plan, None) == []
    assert [fault.path for fault in check(plan, {})] == ["area", "unit[0].area", "unit[1].area", "unit[2].area"]


def test_a_filter_must_be_answered_by_the_cells_that_are_declared(break_plan, small_folder, small_areas):
    """Without the split by who paid, the part paid by the state is not known."""
    break_plan("measures.toml", 'split_by = ["paid_by"]\n', "", "[[obligation]]")

    (fault,) = check(read_plan(small_folder), small_areas)

    assert (fault.path, fault.wrong) == (
        "indicator[0].numerator",
        f"{STATE} cannot be computed: obligation[0] does not split meals_served by paid_by.",
    )


def test_distinct_counts_are_never_summed_over_values(break_plan, small_folder, small_areas):
    """Pupils of two values of a dimension may be the same pupils."""
    break_plan(
        "measures.toml",
        'kind = "distinct"\ngrain = "commune"\n',
        'kind = "distinct"\ngrain = "commune"\n\n[[measure.dimension]]\nname = "kitchen"\nvalues = ["standard", "other"]\n',
    )
    break_plan(
        "measures.toml", 'levels = ["district", "commune"]', 'levels = ["district", "commune"]\nsplit_by = ["kitchen"]'
    )
    break_plan("indicators.toml", 'numerator = "pupils_eating"', 'numerator = "pupils_eating[kitchen=standard|other]"')

    (fault,) = check(read_plan(small_folder), small_areas)

    assert fault.wrong == "pupils_eating[kitchen=standard|other]: distinct counts are never summed."


def test_a_distinct_count_adds_up_with_nothing(break_plan, small_folder, small_areas):
    """Pupils and meals in one number would count neither."""
    break_plan("indicators.toml", 'numerator = "pupils_eating"', 'numerator = "pupils_eating + samples"')

    (fault,) = check(read_plan(small_folder), small_areas)

    assert (fault.path, fault.wrong) == (
        "indicator[2].numerator",
        "pupils_eating counts each entity once and cannot be added to samples.",
    )


def test_a_ratio_of_incompatible_grains_is_refused_by_name(break_plan, small_folder, small_areas):
    """Schools are known by district alone; no commune's meals can be divided by them."""
    break_plan("indicators.toml", 'denominator = "meals_served"', 'denominator = "schools"')
    break_plan("measures.toml", 'kind = "stock"\ngrain = "commune"', 'kind = "stock"\ngrain = "district"')

    faults = check(read_plan(small_folder), small_areas)

    assert [(fault.path, fault.wrong) for fault in faults if "ratio" in fault.wrong] == [
        (
            "indicator[0].denominator",
            "schools is recorded by district, meals_served by commune: no ratio by commune.",
        )
    ]


def test_a_derived_measure_is_never_owed(break_plan, small_folder, small_areas):
    break_plan("measures.toml", 'kind = "distinct"', 'kind = "distinct"\nderived = "pupils_eating"')

    wrongs = [fault.wrong for fault in check(read_plan(small_folder), small_areas)]

    assert "pupils_eating is derived and never typed." in wrongs
    assert "pupils_eating is derived from itself." in wrongs


def test_a_coarser_grain_of_the_same_unit_is_a_control_total_and_no_overlap(break_plan, small_folder, small_areas):
    break_plan(
        "measures.toml",
        FIRST_SCHOOLS,
        rule(measure="meals_served", owed_by="phong-gddt", grain="district", source="T.1"),
    )

    assert "owes the same cells" not in " ".join(fault.wrong for fault in check(read_plan(small_folder), small_areas))


def test_two_readings_chosen_from_the_same_day_are_refused(break_plan, small_folder, small_areas):
    decision = '\n\n[[indicator.reading.decision]]\nfrom = 2024-02-01\ndecided_by = "UBND huyện"\ndocument = "5/CV"\n'
    break_plan(
        "indicators.toml",
        'stated = "number"\n\n[[indicator.reading]]',
        f'stated = "number"{decision}\n[[indicator.reading]]',
    )
    break_plan("indicators.toml", 'stated = "number"\n\n[[scope_list]]', f'stated = "number"{decision}\n[[scope_list]]')

    (fault,) = check(read_plan(small_folder), small_areas)

    assert fault.wrong == "B4a is already chosen from 2024-02-01."
    assert fault.path == "indicator[3].reading[1].decision[0].from"


PLACES = {
    "numerator": ("indicators.toml", f'numerator = "{STATE}"', 'numerator = "{formula}"', "indicator[0].numerator"),
    "denominator": (
        "indicators.toml",
        'denominator = "meals_served"',
        'denominator = "{formula}"',
        "indicator[0].denominator",
    ),
    "reading": (
        "indicators.toml",
        'numerator = "samples[food=raw;outcome=passed]"',
        'numerator = "{formula}"',
        "indicator[3].reading[1].part[1].numerator",
    ),
    "shown_apart": (
        "indicators.toml",
        f'numerator = "{STATE}"',
        f'numerator = "{STATE}"\nshown_apart = ["{{formula}}"]',
        "indicator[0].shown_apart[0]",
    ),
    "derived": (
        "measures.toml",
        'code = "schools"\n',
        'code = "schools"\nderived = "{formula}"\n',
        "measure[1].derived",
    ),
}
UNKNOWN = {
    "samplez": "there is no measure 'samplez'.",
    "samples[colour=red]": "samples has no dimension 'colour'.",
    "samples[food=tinned]": "dimension food of samples has no value 'tinned'.",
}


@pytest.mark.parametrize("written", UNKNOWN)
@pytest.mark.parametrize("place", PLACES)
def test_an_unknown_measure_filter_or_value_is_refused_by_name_wherever_a_formula_stands(
    break_plan, small_folder, small_areas, place, written
):
    file, old, new, path = PLACES[place]
    break_plan(file, old, new.format(formula=written))

    faults = {(fault.path, fault.wrong) for fault in check(read_plan(small_folder), small_areas)}

    assert (path, UNKNOWN[written]) in faults
