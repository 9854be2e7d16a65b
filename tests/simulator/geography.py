"""Cities that people of a simulated company live in, travel to, and are attacked from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class City:
    """A city as a sign-in's location names it, with its clock."""

    name: str
    country: str
    latitude: float
    longitude: float
    zone: float
    """Hours east of Greenwich; summer time is left out."""


def _cities(table: str) -> tuple[City, ...]:
    rows = (line.split("|") for line in table.strip().splitlines())
    return tuple(
        City(name, country, float(lat), float(lon), float(zone))
        for name, country, lat, lon, zone in rows
    )


OFFICE_CITIES = _cities("""
Madrid|ES|40.4168|-3.7038|1
Toronto|CA|43.6532|-79.3832|-5
Sydney|AU|-33.8688|151.2093|10
Seoul|KR|37.5665|126.978|9
Munich|DE|48.1351|11.582|1
Sao Paulo|BR|-23.5505|-46.6333|-3
Singapore|SG|1.3521|103.8198|8
Stockholm|SE|59.3293|18.0686|1
Dublin|IE|53.3498|-6.2603|0
Osaka|JP|34.6937|135.5023|9
Chicago|US|41.8781|-87.6298|-6
Mumbai|IN|19.076|72.8777|5.5
Milan|IT|45.4642|9.19|1
Cape Town|ZA|-33.9249|18.4241|2
""")
"""Where a company may have an office, and the homes around it."""

HUBS = {
    "ES": _cities("Barcelona|ES|41.3874|2.1686|1\nSevilla|ES|37.3891|-5.9845|1"),
    "CA": _cities("Montreal|CA|45.5019|-73.5674|-5\nCalgary|CA|51.0447|-114.0719|-7"),
    "AU": _cities("Melbourne|AU|-37.8136|144.9631|10\nPerth|AU|-31.9523|115.8613|8"),
    "KR": _cities("Busan|KR|35.1796|129.0756|9"),
    "DE": _cities("Hamburg|DE|53.5511|9.9937|1\nFrankfurt|DE|50.1109|8.6821|1"),
    "BR": _cities("Recife|BR|-8.0476|-34.877|-3\nPorto Alegre|BR|-30.0346|-51.2177|-3"),
    "SG": _cities("Singapore|SG|1.3521|103.8198|8"),
    "SE": _cities("Gothenburg|SE|57.7089|11.9746|1\nUmea|SE|63.8258|20.263|1"),
    "IE": _cities("Cork|IE|51.8985|-8.4756|0"),
    "JP": _cities("Sendai|JP|38.2682|140.8694|9\nFukuoka|JP|33.5902|130.4017|9"),
    "US": _cities("Dallas|US|32.7767|-96.797|-6\nSeattle|US|47.6062|-122.3321|-8"),
    "IN": _cities("Hyderabad|IN|17.385|78.4867|5.5\nDelhi|IN|28.7041|77.1025|5.5"),
    "IT": _cities("Rome|IT|41.9028|12.4964|1\nPalermo|IT|38.1157|13.3615|1"),
    "ZA": _cities("Johannesburg|ZA|-26.2041|28.0473|2\nDurban|ZA|-29.8587|31.0218|2"),
}
"""Other cities of the country: where carriers leave their network, where near attackers live."""

RESORTS = _cities("""
Lisbon|PT|38.7223|-9.1393|0
Reykjavik|IS|64.1466|-21.9426|0
Punta Cana|DO|18.5601|-68.3725|-4
Athens|GR|37.9838|23.7275|2
Bangkok|TH|13.7563|100.5018|7
Marrakesh|MA|31.6295|-7.9811|1
Auckland|NZ|-36.8485|174.7633|12
Dubrovnik|HR|42.6507|18.0944|1
Valletta|MT|35.8989|14.5146|1
""")
"""Where people go on holiday, and look at their mail."""

ELSEWHERE = _cities("""
Lagos|NG|6.5244|3.3792|1
Kyiv|UA|50.4501|30.5234|2
Hanoi|VN|21.0278|105.8342|7
Karachi|PK|24.8607|67.0011|5
Bucharest|RO|44.4268|26.1025|2
Sofia|BG|42.6977|23.3219|2
Almaty|KZ|43.222|76.8512|5
Caracas|VE|10.4806|-66.9036|-4
Accra|GH|5.6037|-0.187|0
Dhaka|BD|23.8103|90.4125|6
Minsk|BY|53.9006|27.559|3
Chisinau|MD|47.0105|28.8638|2
Amman|JO|31.9539|35.9106|2
Manila|PH|14.5995|120.9842|8
Lima|PE|-12.0464|-77.0428|-5
Nairobi|KE|-1.2921|36.8219|3
Riga|LV|56.9496|24.1052|2
Tbilisi|GE|41.7151|44.8271|4
Colombo|LK|6.9271|79.8612|5.5
Bogota|CO|4.711|-74.0721|-5
Tunis|TN|36.8065|10.1815|1
Abidjan|CI|5.36|-4.0083|0
Skopje|MK|41.9981|21.4254|1
Santiago|CL|-33.4489|-70.6693|-4
Ankara|TR|39.9334|32.8597|3
Belgrade|RS|44.7866|20.4489|1
Tashkent|UZ|41.2995|69.2401|5
Yerevan|AM|40.1792|44.4991|4
Baku|AZ|40.4093|49.8671|4
Kampala|UG|0.3476|32.5825|3
Dakar|SN|14.7167|-17.4677|0
Kinshasa|CD|-4.4419|15.2663|1
Quito|EC|-0.1807|-78.4678|-5
La Paz|BO|-16.4897|-68.1193|-4
Asuncion|PY|-25.2637|-57.5759|-4
Kathmandu|NP|27.7172|85.324|5.8
Phnom Penh|KH|11.5564|104.9282|7
Yangon|MM|16.8409|96.1735|6.5
Ulaanbaatar|MN|47.8864|106.9057|8
Sarajevo|BA|43.8563|18.4131|1
Tirana|AL|41.3275|19.8187|1
Vilnius|LT|54.6872|25.2797|2
Tallinn|EE|59.437|24.7536|2
Budapest|HU|47.4979|19.0402|1
Luanda|AO|-8.839|13.2894|1
Lusaka|ZM|-15.3875|28.3228|2
Algiers|DZ|36.7538|3.0588|1
Beirut|LB|33.8938|35.5018|2
Baghdad|IQ|33.3152|44.3661|3
Guatemala City|GT|14.6349|-90.5069|-6
Kingston|JM|17.9712|-76.7936|-5
""")
"""Where attackers sit, rent or borrow a machine; no office and no resort is there."""

DATA_CENTRES = _cities("""
Amsterdam|NL|52.3676|4.9041|1
Ashburn|US|39.0438|-77.4874|-5
Helsinki|FI|60.1699|24.9384|2
Gravelines|FR|50.9865|2.1255|1
Hong Kong|HK|22.3193|114.1694|8
Warsaw|PL|52.2297|21.0122|1
Oslo|NO|59.9139|10.7522|1
Prague|CZ|50.0755|14.4378|1
Vienna|AT|48.2082|16.3738|1
Luxembourg|LU|49.6116|6.1319|1
Copenhagen|DK|55.6761|12.5683|1
Brussels|BE|50.8503|4.3517|1
Taipei|TW|25.033|121.5654|8
Kuala Lumpur|MY|3.139|101.6869|8
Jakarta|ID|-6.2088|106.8456|7
Queretaro|MX|20.5888|-100.3899|-6
Dubai|AE|25.2048|55.2708|4
Tel Aviv|IL|32.0853|34.7818|2
Bratislava|SK|48.1486|17.1077|1
Zurich|CH|47.3769|8.5417|1
""")
"""Where rented servers stand."""
