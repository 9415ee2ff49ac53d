"""Names of roles and what each is for; bounds that forms and services share."""

from surveyor.accounts.enums import Role
from surveyor.errors import N_

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 256

ROLE_NAMES = {
    Role.ADMIN: N_("Administrator"),
    Role.SURVEY_ADMIN: N_("Undersøkelsesansvarlig"),
    Role.HR: N_("HR"),
    Role.CONTROLLER: N_("Controller"),
    Role.SCORECARD_OFFICE: N_("Styringskortansvarlig"),
    Role.DIRECTOR: N_("Kommunaldirektør"),
    Role.LEADER: N_("Leder"),
    Role.READER: N_("Leser"),
}

ROLE_DUTIES = {
    Role.ADMIN: N_("Styrer brukere, enheter, utboks og logg."),
    Role.SURVEY_ADMIN: N_("Lager spørreskjema og gjennomfører undersøkelser."),
    Role.HR: N_("Leser og laster ned resultater, og følger undersøkelsene blant de ansatte."),
    Role.CONTROLLER: N_("Sender ut skjema, følger opp frister og godkjenner."),
    Role.SCORECARD_OFFICE: N_("Eier indikatorer og styringskort."),
    Role.DIRECTOR: N_("Godkjenner styringskortene i avdelingen og ser resultatene."),
    Role.LEADER: N_("Fyller ut skjema og ser resultater og styringskort for egen enhet."),
    Role.READER: N_("Ser bare godkjente styringskort."),
}
