"""Reads calendar objects with two parsers that know nothing of the writer: a JSON list of texts in, what each says out."""

import json
import sys

import icalendar
import vobject


def fault_of(text):
    """What `icalendar` has against a text: what it could not read, and what each component has to have and has not."""
    calendar = icalendar.Calendar.from_ical(text)
    faults = []
    for component in calendar.walk():
        faults += [f"{component.name}: {name}: {why}" for name, why in component.errors]
        faults += [f"{component.name} has no {name}" for name in component.required if name not in component]
    return calendar, faults


def by_icalendar(text):
    calendar, faults = fault_of(text)
    events = []
    for event in calendar.walk("VEVENT"):
        attendees = event.get("ATTENDEE", [])
        attendees = attendees if isinstance(attendees, list) else [attendees]
        events.append(
            {
                "uid": str(event["UID"]),
                "sequence": int(event.get("SEQUENCE", 0)),
                "debut": event.decoded("DTSTART").isoformat(),
                "fin": event.decoded("DTEND").isoformat(),
                "statut": str(event.get("STATUS", "")),
                "titre": str(event.get("SUMMARY", "")),
                "organisateur": str(event.get("ORGANIZER", "")).lower(),
                "participants": [str(one).lower() for one in attendees],
            }
        )
    return {"methode": str(calendar.get("METHOD", "")), "evenements": events, "fautes": faults}


def by_vobject(text):
    calendar = vobject.readOne(text, validate=True)
    events = []
    for event in calendar.contents.get("vevent", []):
        value = lambda name: event.contents[name][0].value if name in event.contents else ""
        events.append(
            {
                "uid": value("uid"),
                "sequence": int(value("sequence") or 0),
                "debut": value("dtstart").isoformat(),
                "fin": value("dtend").isoformat(),
                "statut": value("status"),
                "titre": value("summary"),
                "organisateur": value("organizer").lower(),
                "participants": [one.value.lower() for one in event.contents.get("attendee", [])],
            }
        )
    method = calendar.contents.get("method")
    return {"methode": method[0].value if method else "", "evenements": events, "fautes": []}


def guarded(read, text):
    try:
        return read(text)
    except Exception as error:  # whatever a parser refuses is the answer
        return {"methode": "", "evenements": [], "fautes": [f"{type(error).__name__}: {error}"]}


json.dump(
    [{"icalendar": guarded(by_icalendar, text), "vobject": guarded(by_vobject, text)} for text in json.load(sys.stdin)],
    sys.stdout,
)
