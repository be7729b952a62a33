// What all filters can do to an event once they have done their own work, and what inputs do to each event: in this order, whatever the file's.

import type { LogEvent } from './event.ts'
import { fieldPath } from './field-path.ts'
import { type Settings, scalarText } from './settings.ts'
import type { Template } from './template.ts'
import type { Value } from './values.ts'

type Change = (event: LogEvent) => void

/** add_field, remove_field, add_tag, remove_tag; undefined where none is given. */
export function compileCommonOptions(settings: Settings): Change | undefined {
  settings.allow('id', 'enable_metric', 'periodic_flush')
  const changes = [...addFields(settings), ...removeFields(settings), ...tags(settings)]
  if (changes.length === 0) return undefined
  const [only] = changes
  if (changes.length === 1 && only !== undefined) return only
  return (event) => {
    for (const change of changes) change(event)
  }
}

export function addFields(settings: Settings): Change[] {
  return settings.pairs('add_field').flatMap(([name, value]) => {
    const field = settings.template(name, 'add_field')
    const items = value.kind === 'list' ? value.items : [value]
    return items.map((item): Change => {
      const text = scalarText(item)
      if (text === undefined) settings.complain(`the value of "${name}" is no text`, 'Write a text.', 'add_field')
      return addField(field, settings.template(text ?? '', 'add_field'))
    })
  })
}

function addField(field: Template, value: Template): Change {
  const fixed = field.isConstant ? fieldPath(field.source) : undefined
  return (event) => {
    const path = fixed ?? fieldPath(field.render(event))
    const former = event.get(path)
    const text = value.render(event)
    event.set(path, former === undefined ? text : Array.isArray(former) ? [...former, text] : [former as Value, text])
  }
}

function removeFields(settings: Settings): Change[] {
  return settings.texts('remove_field').map((name): Change => {
    const field = settings.template(name, 'remove_field')
    const fixed = field.isConstant ? fieldPath(name) : undefined
    return (event) => {
      event.remove(fixed ?? fieldPath(field.render(event)))
    }
  })
}

function tags(settings: Settings): Change[] {
  const each = (name: string, act: (event: LogEvent, tag: string) => void): Change[] =>
    settings
      .texts(name)
      .map((text) => settings.template(text, name))
      .map((tag) => (event) => act(event, tag.render(event)))
  return [...each('add_tag', (event, tag) => event.tag(tag)), ...each('remove_tag', (event, tag) => event.untag(tag))]
}
