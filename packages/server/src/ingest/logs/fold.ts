// What a record may hold: longer texts are cut, further fields are folded into one.

import { maxAttributes } from '@tidewatch/core/log-batch.ts'
import type { AttributeValue, LogRecord } from '@tidewatch/core/log-record.ts'

/** Bytes, or units of UTF-16 where that is cheaper to count: of a message. */
export const maxBodyLength = 1 << 20
/** Of the text of one attribute. */
export const maxValueLength = 1 << 16
/** What further fields are folded into, as JSON. */
export const foldedField = 'more_fields'
/** How long a message was that was cut, in units of UTF-16. */
export const cutField = 'cut_from_length'

/** So many fields of a line are looked at; of further ones only the number is kept, whoever sends how many. */
export const maxReadFields = 4096
/** Elements of one list, likewise. */
export const maxReadElements = 4096
/** How many fields, and elements of lists, were not looked at. */
export const leftOutField = 'left_out_fields'

/** So much of a text beyond its limit is looked through for secrets: longer than any, so that none is kept in part. */
const readBeyond = 1 << 14

/** The record with as much as may take the thread's time; before anything else is done with it. `passedOver`: fields that it never had. */
export function readable(record: LogRecord, passedOver: number): LogRecord {
  const body = start(record.body, maxBodyLength)
  const { attributes } = record
  let leftOut = passedOver + Math.max(0, attributes.size - maxReadFields)
  let isLong = false
  for (const value of attributes.values()) {
    if (typeof value === 'object') leftOut += Math.max(0, value.length - maxReadElements)
    isLong ||= isLongValue(value)
  }
  if (leftOut === 0 && !isLong) return body === record.body ? record : { ...record, body }
  // first, so that it is not folded itself
  const kept = new Map<string, AttributeValue>(leftOut === 0 ? [] : [[leftOutField, leftOut]])
  let fields = 0
  for (const [name, value] of attributes) {
    if (fields++ === maxReadFields) break
    kept.set(name, readableValue(value))
  }
  return { ...record, body, attributes: kept }
}

const isTooLong = (text: AttributeValue): boolean =>
  typeof text === 'string' && text.length > maxValueLength + readBeyond
const isLongValue = (value: AttributeValue): boolean =>
  typeof value === 'object' ? value.some(isTooLong) : isTooLong(value)

function readableValue(value: AttributeValue): AttributeValue {
  if (typeof value === 'string') return start(value, maxValueLength)
  if (typeof value !== 'object') return value
  const elements = value.length > maxReadElements ? value.slice(0, maxReadElements) : value
  return isLongValue(elements)
    ? elements.map((element) => (typeof element === 'string' ? start(element, maxValueLength) : element))
    : elements
}

/** What is read of a text that may have so many letters. */
function start(text: string, limit: number): string {
  return text.length > limit + readBeyond ? text.slice(0, limit + readBeyond).toWellFormed() : text
}

/** Within the limit. Of a text that was read in part the end goes as well: a secret may have been cut in two there. */
function ended(text: string, limit: number, isPart: boolean): string {
  const length = isPart && text.length > readBeyond ? Math.min(limit, text.length - readBeyond) : limit
  return text.length > length ? text.slice(0, length).toWellFormed() : text
}

export interface Bounded {
  readonly record: LogRecord
  readonly isFolded: boolean
  readonly isCut: boolean
}

/** The record within the limits; `isKnown` says whether a field of that name may be had. `given`: as it came, before `readable` and redaction. */
export function bounded(record: LogRecord, given: LogRecord, isKnown: (name: string) => boolean): Bounded {
  const attributes = new Map<string, AttributeValue>()
  const further: Record<string, AttributeValue> = {}
  let values = 0
  let isFolded = false
  let isCut = false
  const cut = (text: string, was: AttributeValue | undefined): string => {
    const isPart = was !== undefined && isTooLong(was)
    const kept = ended(text, maxValueLength, isPart)
    isCut ||= isPart || kept !== text
    return kept
  }
  for (const [name, value] of record.attributes) {
    const count = typeof value === 'object' ? value.length : 1
    const kept = cutValue(value, given.attributes.get(name), cut)
    // two are kept free for what is told here
    if (values + count > maxAttributes - 2 || !isKnown(name)) {
      further[name] = kept
      isFolded = true
      continue
    }
    values += count
    attributes.set(name, kept)
  }
  if (isFolded) attributes.set(foldedField, ended(JSON.stringify(further), maxValueLength * 4, false))
  const isPart = given.body.length > maxBodyLength + readBeyond
  const body = ended(record.body, maxBodyLength, isPart)
  if (isPart || body !== record.body) {
    attributes.set(cutField, given.body.length)
    isCut = true
  }
  if (!isFolded && !isCut) return { record, isFolded, isCut }
  return { record: { ...record, body, attributes }, isFolded, isCut }
}

function cutValue(
  value: AttributeValue,
  given: AttributeValue | undefined,
  cut: (text: string, was: AttributeValue | undefined) => string,
): AttributeValue {
  if (typeof value === 'string') return cut(value, given)
  if (typeof value !== 'object') return value
  const elements = typeof given === 'object' ? given : []
  return value.map((element, i) => (typeof element === 'string' ? cut(element, elements[i]) : element))
}
