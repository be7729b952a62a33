// What kind of text an attribute holds. The lists follow HTML 5; what is not in them is judged by its name, rather too strictly than too laxly.

export type AttributeType = 'plain' | 'unsafe' | 'url' | 'css' | 'js' | 'html' | 'srcset'

const url = words(
  'action archive background cite classid codebase data formaction href icon longdesc manifest poster profile src usemap xmlns',
)
/** They change how other content is read or sent. */
const unsafe = words(
  'accept-charset async challenge charset content crossorigin defer enctype form formenctype formmethod formnovalidate http-equiv keytype language method novalidate pattern rel sandbox type value',
)
const plain = words(
  'accept alt autocomplete autofocus autoplay border checked class cols colspan contenteditable contextmenu controls coords datetime default dir dirname disabled draggable dropzone for formtarget headers height hidden high hreflang id ismap kind label lang list loop low max maxlength media mediagroup min multiple name open optimum placeholder preload pubdate radiogroup readonly required reversed rows rowspan spellcheck scope scoped seamless selected shape size sizes span srclang start step tabindex target title width wrap',
)

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '))
}

/** The type of an attribute by its name in lower case. */
export function attributeType(fullName: string): AttributeType {
  let name = fullName
  if (name.startsWith('data-')) name = name.slice(5)
  else if (name.includes(':')) {
    if (name.startsWith('xmlns:')) return 'url'
    // svg:href and xlink:href are read as href
    name = name.slice(name.indexOf(':') + 1)
  }
  if (url.has(name)) return 'url'
  if (unsafe.has(name)) return 'unsafe'
  if (plain.has(name)) return 'plain'
  if (name === 'style') return 'css'
  if (name === 'srcdoc') return 'html'
  if (name === 'srcset') return 'srcset'
  if (name.startsWith('on')) return 'js'
  return /src|uri|url/.test(name) ? 'url' : 'plain'
}
