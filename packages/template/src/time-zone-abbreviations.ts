// The letters that stand for a zone's time (`CET`, `CEST`), by its offset, as the public-domain time zone database has them for 2012 to 2037.
// Where a place has no letters, there is no entry: its offset is written then.

/** `minutes=letters`, then the zones that use them. */
const groups: readonly (readonly [letters: string, zones: string])[] = [
  ['-660=SST', 'Pacific/Midway Pacific/Pago_Pago Pacific/Samoa US/Samoa'],
  ['-600=HST -540=HDT', 'America/Adak America/Atka US/Aleutian'],
  ['-600=HST', 'HST Pacific/Honolulu Pacific/Johnston US/Hawaii'],
  [
    '-540=AKST -480=AKDT',
    'America/Anchorage America/Juneau America/Metlakatla America/Nome America/Sitka America/Yakutat US/Alaska',
  ],
  ['-480=PST -420=MST', 'America/Dawson America/Fort_Nelson America/Whitehorse Canada/Yukon'],
  [
    '-480=PST -420=PDT',
    'America/Ensenada America/Los_Angeles America/Santa_Isabel America/Tijuana America/Vancouver Canada/Pacific Mexico/BajaNorte PST8PDT US/Pacific',
  ],
  [
    '-420=MST -360=MDT',
    'America/Boise America/Cambridge_Bay America/Ciudad_Juarez America/Denver America/Edmonton America/Inuvik America/Mazatlan America/Shiprock America/Yellowknife Canada/Mountain MST7MDT Mexico/BajaSur Navajo US/Mountain',
  ],
  ['-420=MST -360=CST', 'America/Chihuahua'],
  ['-420=MST', 'America/Creston America/Dawson_Creek America/Hermosillo America/Phoenix MST US/Arizona'],
  ['-420=MST -360=CST -300=CDT', 'America/Ojinaga'],
  [
    '-360=CST -300=CDT',
    'America/Bahia_Banderas America/Chicago America/Indiana/Knox America/Indiana/Tell_City America/Knox_IN America/Matamoros America/Menominee America/Merida America/Mexico_City America/Monterrey America/North_Dakota/Beulah America/North_Dakota/Center America/North_Dakota/New_Salem America/Rainy_River America/Rankin_Inlet America/Resolute America/Winnipeg CST6CDT Canada/Central Mexico/General US/Central US/Indiana-Starke',
  ],
  [
    '-360=CST',
    'America/Belize America/Costa_Rica America/El_Salvador America/Guatemala America/Managua America/Regina America/Swift_Current America/Tegucigalpa Canada/Saskatchewan',
  ],
  ['-360=CST -300=EST', 'America/Cancun'],
  ['-300=EST', 'America/Atikokan America/Cayman America/Coral_Harbour America/Jamaica America/Panama EST Jamaica'],
  [
    '-300=EST -240=EDT',
    'America/Detroit America/Fort_Wayne America/Grand_Turk America/Indiana/Indianapolis America/Indiana/Marengo America/Indiana/Petersburg America/Indiana/Vevay America/Indiana/Vincennes America/Indiana/Winamac America/Indianapolis America/Iqaluit America/Kentucky/Louisville America/Kentucky/Monticello America/Louisville America/Montreal America/Nassau America/New_York America/Nipigon America/Pangnirtung America/Port-au-Prince America/Thunder_Bay America/Toronto Canada/Eastern EST5EDT US/East-Indiana US/Eastern US/Michigan',
  ],
  ['-300=CST -240=CDT', 'America/Havana Cuba'],
  [
    '-240=AST',
    'America/Anguilla America/Antigua America/Aruba America/Barbados America/Blanc-Sablon America/Curacao America/Dominica America/Grenada America/Guadeloupe America/Kralendijk America/Lower_Princes America/Marigot America/Martinique America/Montserrat America/Port_of_Spain America/Puerto_Rico America/Santo_Domingo America/St_Barthelemy America/St_Kitts America/St_Lucia America/St_Thomas America/St_Vincent America/Tortola America/Virgin',
  ],
  [
    '-240=AST -180=ADT',
    'America/Glace_Bay America/Goose_Bay America/Halifax America/Moncton America/Thule Atlantic/Bermuda Canada/Atlantic',
  ],
  ['-210=NST -150=NDT', 'America/St_Johns Canada/Newfoundland'],
  [
    '0=GMT',
    'Africa/Abidjan Africa/Accra Africa/Bamako Africa/Banjul Africa/Bissau Africa/Conakry Africa/Dakar Africa/Freetown Africa/Lome Africa/Monrovia Africa/Nouakchott Africa/Ouagadougou Africa/Timbuktu America/Danmarkshavn Atlantic/Reykjavik Atlantic/St_Helena Etc/GMT Etc/GMT+0 Etc/GMT-0 Etc/GMT0 Etc/Greenwich GMT GMT+0 GMT-0 GMT0 Greenwich Iceland',
  ],
  ['0=GMT 60=WAT', 'Africa/Sao_Tome'],
  ['0=WET 60=WEST', 'Atlantic/Canary Atlantic/Faeroe Atlantic/Faroe Atlantic/Madeira Europe/Lisbon Portugal WET'],
  ['0=GMT 60=IST', 'Eire Europe/Dublin'],
  ['0=UTC', 'Etc/UCT Etc/UTC Etc/Universal Etc/Zulu UCT UTC Universal Zulu'],
  ['0=GMT 60=BST', 'Europe/Belfast Europe/Guernsey Europe/Isle_of_Man Europe/Jersey Europe/London GB GB-Eire'],
  ['60=CET', 'Africa/Algiers Africa/Tunis'],
  [
    '60=WAT',
    'Africa/Bangui Africa/Brazzaville Africa/Douala Africa/Kinshasa Africa/Lagos Africa/Libreville Africa/Luanda Africa/Malabo Africa/Ndjamena Africa/Niamey Africa/Porto-Novo',
  ],
  [
    '60=CET 120=CEST',
    'Africa/Ceuta Arctic/Longyearbyen Atlantic/Jan_Mayen CET Europe/Amsterdam Europe/Andorra Europe/Belgrade Europe/Berlin Europe/Bratislava Europe/Brussels Europe/Budapest Europe/Busingen Europe/Copenhagen Europe/Gibraltar Europe/Ljubljana Europe/Luxembourg Europe/Madrid Europe/Malta Europe/Monaco Europe/Oslo Europe/Paris Europe/Podgorica Europe/Prague Europe/Rome Europe/San_Marino Europe/Sarajevo Europe/Skopje Europe/Stockholm Europe/Tirane Europe/Vaduz Europe/Vatican Europe/Vienna Europe/Warsaw Europe/Zagreb Europe/Zurich Poland',
  ],
  ['60=CET 120=EET', 'Africa/Tripoli Libya'],
  ['60=WAT 120=CAT', 'Africa/Windhoek'],
  ['60=MET 120=MEST', 'MET'],
  [
    '120=CAT',
    'Africa/Blantyre Africa/Bujumbura Africa/Gaborone Africa/Harare Africa/Kigali Africa/Lubumbashi Africa/Lusaka Africa/Maputo',
  ],
  [
    '120=EET 180=EEST',
    'Africa/Cairo Asia/Amman Asia/Beirut Asia/Damascus Asia/Famagusta Asia/Gaza Asia/Hebron Asia/Istanbul Asia/Nicosia EET Egypt Europe/Athens Europe/Bucharest Europe/Chisinau Europe/Helsinki Europe/Istanbul Europe/Kiev Europe/Kyiv Europe/Mariehamn Europe/Nicosia Europe/Riga Europe/Sofia Europe/Tallinn Europe/Tiraspol Europe/Uzhgorod Europe/Vilnius Europe/Zaporozhye Turkey',
  ],
  ['120=SAST', 'Africa/Johannesburg Africa/Maseru Africa/Mbabane'],
  ['120=CAT 180=EAT', 'Africa/Juba Africa/Khartoum'],
  ['120=IST 180=IDT', 'Asia/Jerusalem Asia/Tel_Aviv Israel'],
  ['120=EET', 'Europe/Kaliningrad'],
  ['120=EET 180=MSK 240=MSK', 'Europe/Simferopol'],
  [
    '180=EAT',
    'Africa/Addis_Ababa Africa/Asmara Africa/Asmera Africa/Dar_es_Salaam Africa/Djibouti Africa/Kampala Africa/Mogadishu Africa/Nairobi Indian/Antananarivo Indian/Comoro Indian/Mayotte',
  ],
  ['180=MSK 240=MSK', 'Europe/Kirov Europe/Moscow Europe/Volgograd W-SU'],
  ['300=PKT', 'Asia/Karachi'],
  ['330=IST', 'Asia/Calcutta Asia/Kolkata'],
  ['420=WIB', 'Asia/Jakarta Asia/Pontianak'],
  ['480=CST', 'Asia/Chongqing Asia/Chungking Asia/Harbin Asia/Macao Asia/Macau Asia/Shanghai Asia/Taipei PRC ROC'],
  ['480=HKT', 'Asia/Hong_Kong Hongkong'],
  ['480=WITA', 'Asia/Makassar Asia/Ujung_Pandang'],
  ['480=PST', 'Asia/Manila'],
  ['480=AWST', 'Australia/Perth Australia/West'],
  ['510=KST 540=KST', 'Asia/Pyongyang'],
  ['540=WIT', 'Asia/Jayapura'],
  ['540=KST', 'Asia/Seoul ROK'],
  ['540=JST', 'Asia/Tokyo Japan'],
  ['570=ACST 630=ACDT', 'Australia/Adelaide Australia/Broken_Hill Australia/South Australia/Yancowinna'],
  ['570=ACST', 'Australia/Darwin Australia/North'],
  [
    '600=AEST 660=AEDT',
    'Antarctica/Macquarie Australia/ACT Australia/Canberra Australia/Currie Australia/Hobart Australia/Melbourne Australia/NSW Australia/Sydney Australia/Tasmania Australia/Victoria',
  ],
  ['600=AEST', 'Australia/Brisbane Australia/Lindeman Australia/Queensland'],
  ['600=ChST', 'Pacific/Guam Pacific/Saipan'],
  ['720=NZST 780=NZDT', 'Antarctica/McMurdo Antarctica/South_Pole NZ Pacific/Auckland'],
]

function byZone(): ReadonlyMap<string, ReadonlyMap<number, string>> {
  const zones = new Map<string, ReadonlyMap<number, string>>()
  for (const [letters, names] of groups) {
    const byOffset = new Map(
      letters.split(' ').map((entry) => {
        const [minutes = '', name = ''] = entry.split('=')
        return [Number(minutes), name] as const
      }),
    )
    for (const name of names.split(' ')) zones.set(name, byOffset)
  }
  return zones
}

/** Abbreviations of a zone by its offset in minutes east of Greenwich. */
export const zoneAbbreviations = byZone()
