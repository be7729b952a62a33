// The page behind an acknowledge link: what it is about and one button. No script, nothing to load: it opens on any phone with one bar.
import { escapeMarkup } from '@tidewatch/core/markup.ts'
import type { Answer } from '../../http/port.ts'
import { acknowledgePath, type LinkedAlerts } from './links.ts'

/** As many as fit on a phone. */
const shownAlerts = 5

const style = `
:root{color-scheme:light dark}
body{font:18px/1.5 system-ui,sans-serif;margin:0 auto;max-width:34rem;padding:1.25rem}
h1{font-size:1.4rem;line-height:1.25;margin:.5rem 0 1rem}
ul{list-style:none;margin:0 0 1.25rem;padding:0}
li{border:1px solid #8888;border-radius:.5rem;margin:.5rem 0;overflow-wrap:anywhere;padding:.6rem .8rem}
small{display:block;opacity:.8}
label{display:block;margin:0 0 .25rem}
input{box-sizing:border-box;font:inherit;margin:0 0 1rem;padding:.7rem;width:100%}
button{background:#0b5fff;border:0;border-radius:.6rem;color:#fff;font:inherit;font-weight:600;min-height:3.5rem;width:100%}
button:focus-visible,input:focus-visible,a:focus-visible{outline:3px solid #f5a623;outline-offset:2px}
p{margin:1rem 0}`

const headers: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  // the link is in the address: it must not travel on
  'referrer-policy': 'no-referrer',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}

/** Opening it changes nothing: programs that look at the links of mails open them too. */
export function askPage(token: string, { person, firing, taken }: LinkedAlerts): Answer {
  if (firing.length === 0) return page('It is over', ['Nothing of what this message told fires any more.'])
  if (taken.length === firing.length) return takenPage({ person, firing, taken })
  const who =
    person === undefined
      ? '<label for="name">Your name, for the others (optional)</label><input id="name" name="name" maxlength="100" autocomplete="name">'
      : `<p>As <b>${escapeMarkup(person)}</b>.</p>`
  const form = `<form method="post" action="${acknowledgePath}"><input type="hidden" name="t" value="${escapeMarkup(token)}">${who}<button>Acknowledge</button></form>`
  const count = firing.length === 1 ? 'This alert fires' : `These ${firing.length} alerts fire`
  return page(`${count}`, [], `${list(firing)}${form}<p>It then neither repeats nor escalates until it ends.</p>`)
}

/** After the button, and where somebody else was faster. */
export function takenPage({ firing, taken }: LinkedAlerts): Answer {
  const [first] = taken
  if (first === undefined) return page('It is over', ['Nothing of what this message told fires any more.'])
  const names = [...new Set(taken.map(({ by }) => by))]
  const since = `${new Date(first.atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return page(`Taken by ${names.join(', ')}`, [`Since ${since}. Nobody else is called.`], list(firing))
}

export function brokenPage(message: string, fix: string | undefined): Answer {
  return { ...page('This link does not work', [message, fix ?? '']), status: 403 }
}

function list(firing: LinkedAlerts['firing']): string {
  const items = firing.slice(0, shownAlerts).map(({ labels }) => {
    const rest = labels.without(new Set(['alertname'])).toString()
    return `<li><b>${escapeMarkup(labels.get('alertname') || 'alert')}</b><small>${escapeMarkup(rest)}</small></li>`
  })
  const more = firing.length > shownAlerts ? `<li>and ${firing.length - shownAlerts} more</li>` : ''
  return `<ul>${items.join('')}${more}</ul>`
}

function page(title: string, texts: readonly string[], html = ''): Answer {
  const lines = texts.filter((text) => text !== '').map((text) => `<p>${escapeMarkup(text)}</p>`)
  const body = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><title>${escapeMarkup(title)}</title><style>${style}</style></head><body><main><h1>${escapeMarkup(title)}</h1>${lines.join('')}${html}<p><a href="/alerts">All alerts</a></p></main></body></html>`
  return { headers, body }
}
