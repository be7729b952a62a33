import { expect, test } from 'vitest'
import { pageLinks } from './page-links.ts'

const subject = {
  externalUrl: 'https://watch.example.org',
  receiver: 'team db',
  groupLabels: { alertname: 'Slow' },
  commonLabels: { alertname: 'Slow', team: 'db "1"' },
  alerts: [{ fingerprint: '0000000000000001' }, { fingerprint: '0000000000000002' }],
}
const read = (url: string) => {
  const { pathname, searchParams } = new URL(url)
  return [pathname, ...[...searchParams].map(([name, value]) => `${name}: ${value}`)]
}

test('a message of one alert leads to it', () => {
  const { alert } = pageLinks({ ...subject, alerts: subject.alerts.slice(0, 1) })
  expect(alert).toBe('https://watch.example.org/alerts/0000000000000001')
})

test('one of several leads to its group, and to a silence of what they have in common', () => {
  const { alert, silence } = pageLinks(subject)
  expect(read(alert)).toEqual(['/alerts', 'receiver: team db', 'filter: alertname="Slow"'])
  expect(read(silence)).toEqual(['/alerts', 'tab: silences', 'silence: {alertname="Slow",team="db \\"1\\""}'])
})

test('a link that channels would cut is made of less', () => {
  const long = 'x'.repeat(2000)
  const { silence } = pageLinks({ ...subject, commonLabels: { pod: long } })
  expect(read(silence)).toEqual(['/alerts', 'tab: silences', 'silence: {alertname="Slow"}'])
  const all = pageLinks({ ...subject, commonLabels: { pod: long }, groupLabels: { pod: long } })
  expect(all).toEqual({ alert: 'https://watch.example.org/alerts', silence: 'https://watch.example.org/alerts' })
})
