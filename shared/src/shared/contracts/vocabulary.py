"""The values that facts and availability may have, as the events and the catalogue write them."""

PROFESSIONS = ("doctor", "dentist", "medical_student", "nurse", "manager", "other")
GRADES = ("student", "foundation", "core_trainee", "gp_trainee", "specialty_trainee", "sas", "gp", "consultant", "none")
GENDERS = ("woman", "man", "non_binary", "self_described", "undisclosed")
WORK_STATUSES = ("working", "off_sick", "suspended", "excluded", "not_working", "retired")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
URGENCIES = ("routine", "soon", "urgent")
