"""Headings by which columns are known, in any language, as search keys."""

# fmt: off
NUMBER = (
    "number", "phone", "phone number", "telephone", "mobile", "cell", "msisdn", "tel",
    "telefon", "numer", "numer telefonu", "nr telefonu", "nr tel", "komorka",
    "telefon numarasi", "numara", "gsm", "cep telefonu", "cep",
)
CLIENT = (
    "full name", "contact", "client", "customer", "company", "label",
    "imie i nazwisko", "nazwisko i imie", "nazwa", "klient", "kontakt", "firma",
    "ad soyad", "adi soyadi", "isim", "ad", "musteri", "kisi", "firma adi", "etiket",
)
# fmt: on
