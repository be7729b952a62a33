// How long an SMS may be: 160 letters of GSM 03.38 or 70 of UCS-2 in one part, 153 or 67 in each of several (3GPP TS 23.040, 9.2.3.24.1).

const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
)
/** These take two places. */
const extended = new Set('^{}\\[~]|€\f')

/** Places that a text takes in GSM 03.38; undefined where a letter is not in it. */
function gsmPlaces(text: string): number | undefined {
  let places = 0
  for (const letter of text) {
    if (basic.has(letter)) places++
    else if (extended.has(letter)) places += 2
    else return undefined
  }
  return places
}

export function smsSegments(text: string): number {
  const gsm = gsmPlaces(text)
  const [places, single, several] = gsm === undefined ? [text.length, 70, 67] : [gsm, 160, 153]
  return places <= single ? 1 : Math.ceil(places / several)
}

/** The text and what must stand behind it, in at most so many parts; the text is shortened where it must be. */
export function fittingSms(text: string, mostSegments: number, ending = ''): string {
  const typographic: Readonly<Record<string, string>> = {
    '…': '...',
    '—': '-',
    '–': '-',
    '“': '"',
    '”': '"',
    '’': "'",
    '‘': "'",
  }
  // one such letter would more than halve the room
  const simple = text.replaceAll(/[…—–“”’‘]/g, (letter) => typographic[letter] ?? letter)
  if (smsSegments(simple + ending) <= mostSegments) return simple + ending
  const points = [...simple]
  const tail = `...${ending}`
  let least = 0
  let most = points.length
  while (least < most) {
    const middle = Math.ceil((least + most) / 2)
    if (smsSegments(points.slice(0, middle).join('') + tail) <= mostSegments) least = middle
    else most = middle - 1
  }
  return points.slice(0, least).join('') + tail
}
