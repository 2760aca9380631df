"""`county.rounds`: workbooks that go out and come back, and figures said anew."""

from typing import TYPE_CHECKING

from mujun.late import Late
from mujun.workspace.county.group import Group, Verb

if TYPE_CHECKING:
    from mujun.workspace.firms import parcel_round
    from mujun.workspace.rounds import (
        confirming,
        correcting,
        correction_effects,
        filling_in,
        objecting,
        register,
        returning,
        taking_back,
        township_round,
        who_returned,
    )
else:
    confirming = Late("mujun.workspace.rounds.confirming")
    correcting = Late("mujun.workspace.rounds.correcting")
    correction_effects = Late("mujun.workspace.rounds.correction_effects")
    filling_in = Late("mujun.workspace.rounds.filling_in")
    objecting = Late("mujun.workspace.rounds.objecting")
    parcel_round = Late("mujun.workspace.firms.parcel_round")
    register = Late("mujun.workspace.rounds.register")
    returning = Late("mujun.workspace.rounds.returning")
    taking_back = Late("mujun.workspace.rounds.taking_back")
    township_round = Late("mujun.workspace.rounds.township_round")
    who_returned = Late("mujun.workspace.rounds.who_returned")


class Rounds(Group):
    """The township's round, confirmation by firms, corrections."""

    to_screen = Verb(township_round.to_screen)
    screen = Verb(township_round.screen)
    screen_all = Verb(township_round.screen_all)
    screen_parcels = Verb(parcel_round.screen_parcels)
    screen_parcels_all = Verb(parcel_round.screen_parcels_all)
    verify = Verb(returning.take_back)
    visits = Verb(filling_in.visits)
    visit = Verb(filling_in.visit)
    fill_in = Verb(filling_in.fill_in)
    photograph = Verb(filling_in.photograph)
    status = Verb(who_returned.round_status)
    parcel_status = Verb(who_returned.parcel_status)
    confirm = Verb(confirming.confirm)
    confirm_all = Verb(confirming.confirm_all)
    correct = Verb(correcting.correct)
    objectable = Verb(objecting.objectable)
    put_objection = Verb(objecting.put_objection)
    objections = Verb(register.objections)
    corrections = Verb(correcting.corrections_on_record)
    take_back = Verb(taking_back.take_back_correction)
    correction = Verb(correcting.correction_on_record)
    changes = Verb(correcting.changes_of_batch)
    effect = Verb(correction_effects.effect_of_batch)
    effect_if = Verb(correction_effects.effect_if)
