// What Alertmanager 0.33.1 prints for 653 notification templates, with its own template files and, for those that print text, with ours.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  directory,
  expected,
  type Fields,
  fields,
  hasCases,
  isFields,
  list,
  outcome,
  readCases,
  stringsOf,
  text,
  toValue,
} from './conformance-cases.ts'
import { notificationFunctions } from './notification/functions.ts'
import { type NotificationAlert, type NotificationData, NotificationTemplates } from './notification-templates.ts'
import { createTemplate, defineTemplates } from './template.ts'
import { List, type Value } from './value.ts'

test('the conformance cases are there', ({ skip }) => {
  skip(!hasCases && process.env.CI !== 'true', `no conformance cases in ${directory}; set CONFORMANCE_DIR`)
  expect(hasCases).toBe(true)
})

const theirFiles = (): readonly { name: string; text: string }[] =>
  ['default.tmpl', 'email.tmpl'].map((name) => ({
    name,
    text: readFileSync(join(directory, 'templates', name), 'utf8'),
  }))

const statusOf = (json: Fields): 'firing' | 'resolved' => (json.status === 'firing' ? 'firing' : 'resolved')

function alertOf(json: Fields): NotificationAlert {
  return {
    status: statusOf(json),
    labels: stringsOf(json.labels),
    annotations: stringsOf(json.annotations),
    startsAt: text(json.startsAt),
    endsAt: text(json.endsAt),
    generatorURL: text(json.generatorURL),
    fingerprint: text(json.fingerprint),
  }
}

/** Data as webhooks carry it. */
function notificationOf(json: Fields): NotificationData {
  return {
    receiver: text(json.receiver),
    status: statusOf(json),
    alerts: list(json.alerts).map(fields).map(alertOf),
    groupLabels: stringsOf(json.groupLabels),
    commonLabels: stringsOf(json.commonLabels),
    commonAnnotations: stringsOf(json.commonAnnotations),
    externalURL: text(json.externalURL),
    notificationReason: text(json.notification_reason),
  }
}

/** Texts alone are a []string here, as the functions of Alertmanager want them. */
function dataOf(json: Fields): Value {
  const value = toValue(json.data)
  const items = Array.isArray(value) ? value : []
  return items.length > 0 && items.every((item) => typeof item === 'string') ? new List('[]string', items) : value
}

describe.runIf(hasCases)('the notification templates of Alertmanager', () => {
  const file = hasCases ? readCases('templates.json') : {}
  const cases = list(file.cases).map(fields)
  const files = hasCases ? theirFiles() : []
  const withData = cases.filter((kase) => 'dataRef' in kase)
  const withTheirs = NotificationTemplates.parse(files)
  const withOurs = NotificationTemplates.parse([])
  const functions = notificationFunctions(() => 0)
  const defined = defineTemplates(files, functions)
  const dataByName = new Map<string, NotificationData>()
  for (const [name, data] of Object.entries(fields(file.data))) {
    if (isFields(data)) dataByName.set(name, notificationOf(data))
  }

  function render(templates: NotificationTemplates, kase: Fields): string {
    const data = dataByName.get(text(kase.dataRef))
    if (data === undefined) throw new Error(`no data ${text(kase.dataRef)}`)
    return outcome(() =>
      kase.html === true ? templates.html(text(kase.text), data) : templates.text(text(kase.text), data),
    )
  }

  test('there are at least as many cases as there were', () => {
    expect(cases.length).toBeGreaterThanOrEqual(653)
    expect(withData.length).toBeGreaterThanOrEqual(531)
  })

  test.each(withData.map((kase) => [text(kase.id), kase] as const))('%s', (_id, kase) => {
    expect(render(withTheirs, kase)).toBe(expected(kase))
  })

  const others = cases.filter((kase) => !('dataRef' in kase))
  test.each(others.map((kase) => [text(kase.id), kase] as const))('%s', (_id, kase) => {
    const options = { name: '', functions, defined, missingKey: 'zero', isHtml: kase.html === true } as const
    expect(outcome(() => createTemplate(text(kase.text), options).execute(dataOf(kase)))).toBe(expected(kase))
  })

  // our name and the address of our page stand where theirs do; where a case is an error, its line is that of their file
  const asOurs = (output: string): string =>
    output.replace(/^Alertmanager$/, 'Tidewatch').replaceAll('/#/alerts?receiver=', '/alerts?receiver=')
  const built = withData.filter((kase) => kase.group === 'default templates' && kase.html !== true && 'output' in kase)
  test.each(built.map((kase) => [text(kase.id), kase] as const))('built in: %s', (_id, kase) => {
    expect(render(withOurs, kase)).toBe(asOurs(text(kase.output)))
  })

  test('every template of theirs is built in', () => {
    expect(withOurs.names).toEqual(withTheirs.names)
  })
})
