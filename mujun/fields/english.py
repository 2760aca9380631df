"""The dictionary in English: what fields, tables and units are called on pages that are read in English.

Files, workbooks and rules go by the Chinese labels: departments write them. A page that is read in English heads its
columns and fields by these words; names, places and values stay as they are on record.
"""

from __future__ import annotations

from mujun.fields.frame import LAGS

ENGLISH: dict[str, str] = {
    # who and where
    "year": "Year", "credit_code": "Credit code", "name": "Firm", "county": "County", "township": "Township",
    "park": "Park", "industry": "Industry code", "industry_division": "Industry division", "scale": "Size",
    "status": "Business status", "kind": "Kind of entity", "group_code": "Group code", "registered_on": "Registered on",
    "started_on": "Production since", "address": "Address", "legal_person": "Legal representative",
    "contact": "Contact", "phone": "Telephone", "as_of": "Rated as of",
    # land
    "parcel": "Parcel", "parcels": "Parcels", "tenure": "Tenure", "area_mu": "Land area",
    "floor_area_m2": "Floor area", "counterparty": "Lessor or lessee", "title": "Kind of title", "holder": "Holder",
    "land_grade": "Land grade", "planned_use": "Planned use", "geometry": "Outline", "title_number": "Title number",
    "title_on": "Title issued on", "planned_floor_ratio": "Planned floor ratio", "standard_land": "Standard land",
    "promised_tax_per_mu": "Promised tax per mu", "promised_investment_per_mu": "Promised investment per mu",
    "promised_floor_ratio": "Promised floor ratio", "contract_start_on": "Start by contract",
    "contract_finish_on": "Completion by contract", "contract_production_on": "Production by contract",
    "transferred_from": "Transferred from", "transferred_on": "Transferred on", "transfer_price": "Transfer price",
    "owned_mu": "Own land", "rented_in_mu": "Land rented in", "rented_out_mu": "Land rented out",
    "land_mu": "Land used",
    "plot_ratio": "Floor ratio", "tenants_above": "Tenants above size", "tenants_below": "Tenants below size",
    "tenants": "Tenants", "surveyed_mu": "Land as surveyed", "surveyed_area_mu": "Area as surveyed",
    "use_state": "State of use",
    # figures
    "tax_paid": "Tax paid", "tax_refund": "Tax refunded", "tax_credit": "Tax credited", "land_use_tax": "Land use tax",
    "land_use_tax_due": "Land use tax due by grade", "tax_rate": "Tax a year", "electricity_kwh": "Electricity used",
    "energy_tce": "Energy (equivalent value)", "energy_tce_calorific": "Energy (calorific value)", "gas_m3": "Gas",
    "coal_t": "Coal", "heat_gj": "Heat", "revenue": "Revenue", "value_added": "Value added",
    "gross_output": "Gross output", "profit": "Profit", "rd_expense": "R&D expense", "employees": "Employees",
    "investment": "Fixed investment", "tech_investment": "Investment in technology", "cod_t": "COD",
    "nh3n_t": "Ammonia nitrogen", "so2_t": "Sulphur dioxide", "nox_t": "Nitrogen oxides", "emissions_t": "Pollutants",
    "water_m3": "Water used", "water_over_quota_m3": "Water above quota",
    # labels, ratings, meters, decisions
    "label": "Label", "labels": "Labels", "since": "Since", "until": "Until", "document": "Document", "note": "Note",
    "tier": "Tier", "tier_history": "Tiers so far", "score": "Score", "cohort": "Group", "utility": "Utility",
    "account": "Account", "account_use": "Use of the account", "from": "From", "quantity": "Quantity",
    "field": "Figure", "value": "Value", "successor": "Code now", "successor_licence": "Licence now",
    "successor_name": "Name now", "change": "Kind of change", "given_name": "Name as sent", "decision": "Decision",
    "likeness": "Likeness of names", "ruling": "Decision on the licence",
    # visits
    "operation": "Operation", "illegal_land": "Illegal land use", "safety_hazard": "Safety hazard",
    "unlicensed": "No licence", "poor_quality": "Product quality", "illegal_building": "Illegal building",
    "pollution": "Pollution", "tax_evasion": "Tax evasion", "fire_hazard": "Fire hazard",
    "proposed_path": "Path proposed", "remark": "Remarks", "verified_by": "Visited by", "verified_on": "Visited on",
    "survey_problems": "Problems seen",
    # problems
    "problem": "Problem", "problem_kind": "Kind of problem", "problem_text": "What was seen", "found_by": "Seen by",
    "found_on": "Seen on", "handled_by": "Office", "order_document": "Order", "order_deadline": "To be mended by",
    "mended_on": "Mended on", "mend_result": "Result of mending", "fined_on": "Fined on", "fine_amount": "Fine",
    "closed_on": "Closed on", "withdrawn_on": "Withdrawn on", "withdrawn_why": "Why withdrawn", "evidence": "Evidence",
    "evidence_sha256": "Digest of the evidence",
    # projects, freed quotas, funds
    "project": "Project code", "project_name": "Project", "project_kind": "Kind of project",
    "need_tce": "Energy needed",
    "added_value": "Value added expected", "need_capacity_t": "Capacity needed", "need_coal_t": "Coal needed",
    "need_pollutants_t": "Pollutants needed", "need_carbon_t": "Carbon needed",
    "total_investment": "Planned investment",
    "county_head": "Project of the county's head", "leader": "Leader", "team": "Team",
    "promised_tax": "Tax promised a year", "sign_due": "Signing planned", "signed_on": "Signed on",
    "supply_due": "Land planned", "supplied_on": "Land supplied on", "start_due": "Start planned",
    "construction_on": "Started on", "finish_due": "Completion planned", "finished_on": "Completed on",
    "production_due": "Production planned", "production_on": "In production on", "target_due": "Full output planned",
    "target_reached_on": "Full output on", "ended_on": "Ended on", "source": "Source",
    "freed_capacity_t": "Capacity freed",
    "freed_tce": "Energy freed", "freed_coal_t": "Coal freed", "freed_pollutants_t": "Pollutants freed",
    "freed_carbon_t": "Carbon freed", "accepted_on": "Accepted on", "substituted": "Account substituted",
    "spent": "Quantity spent", "year_investment_due": "Investment planned this year",
    "year_investment": "Investment this year", "land_use": "Use of the land", "supply_mu": "Land supplied",
    "supply_price": "Price", "buyer": "Buyer", "entry": "Entry", "booked_on": "Booked on",
    "transfer_income": "Income from land", "fund_paid_in": "Paid into the fund", "fund_spent": "Spent of the fund",
    "purpose": "Purpose",
}  # fmt: skip
"""By field name; last year's values are told by their suffix."""

ENGLISH_TABLES: dict[str, str] = {
    "enterprises": "Firms", "land": "Land", "tax": "Tax", "energy": "Energy", "output": "Output",
    "emissions": "Emissions", "water": "Water", "labels": "Labels", "ratings": "Earlier ratings",
    "accounts": "Accounts", "usage": "Use by month", "parcels": "Parcels", "extra": "Further figures",
    "aliases": "Renamed and merged", "matches": "Names decided", "surveys": "Visits",
    "land_grades": "Tax by land grade",
    "projects": "Projects", "sources": "Freed quotas", "substitutions": "Substitutions", "licences": "Codes decided",
    "problems": "Problems", "parcel_surveys": "Parcels surveyed", "project_years": "Investment by year",
    "land_supply": "Land supply", "special_fund": "Special fund",
}  # fmt: skip
"""By table name."""

ENGLISH_UNITS: dict[str, str] = {
    "万元": "10k yuan", "元": "yuan", "亩": "mu", "人": "persons", "千瓦时": "kWh", "万千瓦时": "10k kWh", "吉焦": "GJ",
    "吨": "t", "吨标煤": "tce", "吨标煤(当量值)": "tce", "立方米": "m³", "㎡": "m²", "分": "points", "家": "firms",
    "个": "", "项": "", "%": "%",
}  # fmt: skip
"""By the parts of a unit."""

_ONE_OF = {"persons": "person", "firms": "firm"}
"""What something is divided by is one of it."""

_AGES = {1: "last year", 2: "two years ago"}


def english_label(name: str) -> str | None:
    """What a field is called in English; `None` where it is none of the dictionary.

    >>> english_label("tax_paid"), english_label("tax_paid_last"), english_label("patents")
    ('Tax paid', 'Tax paid, last year', None)
    """
    if name in ENGLISH:
        return ENGLISH[name]
    for suffix, years in sorted(LAGS.items(), key=lambda item: -len(item[0])):
        base = name.removesuffix(suffix)
        if base != name and base in ENGLISH:
            return f"{ENGLISH[base]}, {_AGES[years]}"
    return None


ENGLISH_TENURES: dict[str, str] = {"自有": "owned", "租入": "rented in", "租出": "rented out"}
"""What ground an area is; these are words of the dictionary, whatever a file said."""


def english_unit(unit: str) -> str:
    """A unit in English; what has no English word stays.

    >>> english_unit("万元/亩"), english_unit("万元/人"), english_unit("吨标煤"), english_unit("只")
    ('10k yuan/mu', '10k yuan/person', 'tce', '只')
    """
    if unit in ENGLISH_UNITS:
        return ENGLISH_UNITS[unit]
    whole, *per = (ENGLISH_UNITS.get(part, part) for part in unit.split("/"))
    return "/".join([whole, *(_ONE_OF.get(part, part) for part in per)])
