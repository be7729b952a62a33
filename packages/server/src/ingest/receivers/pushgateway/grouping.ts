// The path of a push: /metrics/job/<job>{/<label>/<value>}, names that end in @base64 before encoded values.

import { isUtf8 } from 'node:buffer'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { Grouping } from './groups.ts'

const maxLabels = 30
const maxTextLength = 1024
const encodedSuffix = '@base64'
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** What follows `/metrics/job/` or `/metrics/job@base64/`, decoded. Throws `ingest.bad_label`. */
export function parseGrouping(path: string, { isJobEncoded }: { readonly isJobEncoded: boolean }): Grouping {
  const [job, ...parts] = path.split('/')
  if (parts.length % 2 !== 0) {
    throw bad(
      `the path has a label without a value: ${quoteValue(path)}`,
      'Write /metrics/job/<job>/<label>/<value>. A value with a / in it, or an empty one, goes in base64: /<label>@base64/<value>.',
    )
  }
  if (parts.length / 2 > maxLabels) throw bad(`the path has more than ${maxLabels} labels`, 'Group by fewer labels.')
  const grouping = new Map<string, string>()
  for (let i = 0; i < parts.length; i += 2) {
    const isEncoded = parts[i].endsWith(encodedSuffix)
    const name = isEncoded ? parts[i].slice(0, -encodedSuffix.length) : parts[i]
    if (!labelName.test(name) || name.startsWith('__')) {
      throw bad(
        `improper label name ${quoteValue(name)} in the path`,
        'Take letters, digits and _ , not beginning with __. A value with a / in it goes in base64: /<label>@base64/<value>.',
      )
    }
    grouping.set(name, isEncoded ? decode(parts[i + 1], name) : plain(parts[i + 1], name))
  }
  grouping.set('job', isJobEncoded ? decode(job, 'job') : job)
  if (grouping.get('job') === '') throw bad('job name is required', 'Push to /metrics/job/<job>.')
  for (const [name, value] of grouping) {
    if (name.length > maxTextLength || value.length > maxTextLength)
      throw bad(`label ${quoteValue(name)} of the path is longer than ${maxTextLength} characters`, 'Shorten it.')
  }
  return [...grouping].sort(([a], [b]) => (a < b ? -1 : 1))
}

function plain(value: string, name: string): string {
  if (value !== '') return value
  throw bad(`label ${quoteValue(name)} of the path is empty`, `Write an empty value as /${name}@base64/=.`)
}

function decode(value: string, name: string): string {
  const text = value.replace(/=+$/, '')
  const bytes = Buffer.from(text, 'base64url')
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1 || !isUtf8(bytes)) {
    throw bad(
      `invalid base64 encoding for label ${name}=${quoteValue(value)}`,
      'Encode UTF-8 by RFC 4648 with the alphabet that is safe in URLs (- and _).',
    )
  }
  return bytes.toString('utf8')
}

function bad(message: string, fix: string): AppError {
  return new AppError('ingest.bad_label', message, { fix })
}
