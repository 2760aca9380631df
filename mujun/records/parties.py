"""Who the other side of a lease is: a firm we know, a firm we do not, a village, a public body, a person, or nobody."""

from __future__ import annotations

import polars as pl

from mujun.records.identity import normal_code

PARTIES: tuple[str, ...] = (
    "firm", "self", "several", "unlisted", "village", "public", "person", "unknown", "unnamed",
)  # fmt: skip
"""What the other side of a lease can be.

`firm`: on the year's roll, or reporting land itself. `self`: the reporter names itself. `several`: a name that more
than one firm bears. `unlisted`: a firm, by its name or by a code, that is neither on the roll nor reports land.
`village`, `public`, `person`: a village collective, a public body, a natural person, by the words of the name.
`unknown`: a name that says none of these. `unnamed`: the row names nobody.
"""

DOUBTFUL: tuple[str, ...] = ("self", "several", "unlisted", "unknown", "unnamed")
"""Those about which somebody has to be asked; with villages, public bodies and persons there is nothing wrong."""

# In this order: 某街道办事处 is no street, 某村经济合作社有限公司 is a village's, 示例村民 is a person.
_CODE = r"^[0-9A-HJ-NP-RTUWXY]{15}$|^[0-9A-Z]{18}$"
_PERSON_IN_WORDS = r"村民|居民|先生|女士|（个人）|\(个人\)|^个人"
_VILLAGE = r"村民?委员会|村委|居委|居民委员会|经济合作社|经济联合社|股份合作社|村集体|生产队|村民小组|[村社]$|社区"
_PUBLIC = r"人民政府|政府$|办事处|管理委员会|管委会|国有资产|国资|财政[局所]|供销社|供销合作|(?:局|学校|医院|服务中心)$"
_FIRM = r"公司|厂|集团|企业|合伙|商行|经营部|工作室|作坊|加工[点部]|合作社|银行|[店行坊场部站所]$"
_PERSON = r"^[\p{Han}]{2,4}$|^[\p{Han}]{1,8}·[\p{Han}]{1,12}$|^[\p{Han}]某+$"


def party_kind(counterparty: pl.Expr, partner: pl.Expr, reporter: pl.Expr, namesakes: pl.Expr) -> pl.Expr:
    """What the other side of a lease is, one of `PARTIES`.

    Args:
        counterparty: what the row names, blank as missing.
        partner: the credit code of the known firm it names, the reporter's own included, if any.
        reporter: the credit code of whoever reports the row.
        namesakes: how many known firms bear the name.
    """
    name = normal_code(counterparty)
    return (
        pl.when(counterparty.is_null()).then(pl.lit("unnamed"))
        .when(partner == reporter).then(pl.lit("self"))
        .when(partner.is_not_null()).then(pl.lit("firm"))
        .when(namesakes > 1).then(pl.lit("several"))
        .when(name.str.contains(_CODE)).then(pl.lit("unlisted"))
        .when(name.str.contains(_PERSON_IN_WORDS) & ~name.str.contains("委员会")).then(pl.lit("person"))
        .when(name.str.contains(_VILLAGE)).then(pl.lit("village"))
        .when(name.str.contains(_PUBLIC)).then(pl.lit("public"))
        .when(name.str.contains(_FIRM)).then(pl.lit("unlisted"))
        .when(name.str.contains(_PERSON)).then(pl.lit("person"))
        .otherwise(pl.lit("unknown"))
    )  # fmt: skip
