// truncate: texts cut to a number of bytes.
import type { LogEvent } from '../event.ts'
import { fieldPath } from '../field-path.ts'
import type { Filter, FilterDefinition } from '../filter.ts'
import { isMap, setKey, type Value, type ValueMap } from '../values.ts'

const encoder = new TextEncoder()

export const truncate: FilterDefinition = {
  name: 'truncate',
  compile(settings): Filter {
    settings.requiredText('length_bytes')
    const length = settings.number('length_bytes', 0)
    const fields = settings.fields('fields')
    return {
      failureTags: ['_truncate_failure'],
      run(event) {
        const paths = fields.length > 0 ? fields : ownFields(event)
        for (const path of paths) {
          const value = event.get(path)
          if (value !== undefined) event.set(path, cut(value, length))
        }
        return true
      },
    }
  },
}

const ownFields = (event: LogEvent): ReturnType<typeof fieldPath>[] =>
  Object.keys(event.data)
    .filter((key) => !key.startsWith('@'))
    .map((key) => fieldPath(key))

function cut(value: Value, length: number): Value {
  if (typeof value === 'string') return cutText(value, length)
  if (Array.isArray(value)) return value.map((item) => cut(item, length))
  if (!isMap(value)) return value
  const result: ValueMap = {}
  for (const key of Object.keys(value)) setKey(result, key, cut(value[key] as Value, length))
  return result
}

/** Whole letters only. */
function cutText(text: string, length: number): string {
  // a letter takes at most three bytes for each of its units
  if (text.length * 3 <= length) return text
  const { read } = encoder.encodeInto(text, new Uint8Array(length))
  return text.slice(0, read)
}
