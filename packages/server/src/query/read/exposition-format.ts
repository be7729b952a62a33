// In which form a scraper wants metrics, by its Accept header. https://prometheus.io/docs/instrumenting/content_negotiation/

export interface ExpositionFormat {
  readonly format: 'text' | 'families'
  readonly utf8Names: boolean
  readonly contentType: string
}

const allowUtf8 = 'escaping=allow-utf-8'
const protobuf = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited'
/** A header has some entries; one with thousands is no scraper's. */
const maxEntries = 64

/** The first of what it names, by weight, that there is: delimited protobuf or text; text where it names neither. */
export function expositionFormat(accept: string | readonly string[] | undefined): ExpositionFormat {
  const header = [accept ?? ''].flat().join(',')
  const entries = header.split(',', maxEntries).map(entryOf)
  const wanted = entries.filter(({ isProtobuf, isText }) => isProtobuf || isText).sort((a, b) => b.weight - a.weight)[0]
  const utf8Names = wanted?.isProtobuf === true ? wanted.utf8Names : entries.some((entry) => entry.utf8Names)
  if (wanted?.isProtobuf === true)
    return { format: 'families', utf8Names, contentType: utf8Names ? `${protobuf}; ${allowUtf8}` : protobuf }
  const version = utf8Names ? `version=1.0.0; charset=utf-8; ${allowUtf8}` : 'version=0.0.4; charset=utf-8'
  return { format: 'text', utf8Names, contentType: `text/plain; ${version}` }
}

function entryOf(text: string) {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim())
  const has = (parameter: string): boolean => parameters.includes(parameter)
  const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1)
  const isOwnMessage = has('proto=io.prometheus.client.MetricFamily') && has('encoding=delimited')
  return {
    isProtobuf: type.toLowerCase() === 'application/vnd.google.protobuf' && isOwnMessage && weight > 0,
    isText: type.toLowerCase() === 'text/plain' && weight > 0,
    utf8Names: has(allowUtf8),
    weight: Number.isFinite(weight) ? weight : 0,
  }
}
