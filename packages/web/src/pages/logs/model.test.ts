import { expect, it } from 'vitest'
import { columnsFromText, defaultColumns, logsState, searchOfQuery, toggledColumn } from './model.ts'

it('reads the page from the address', () => {
  expect(logsState({}, undefined)).toEqual({
    query: '',
    language: 'kql',
    tab: 'lines',
    columns: defaultColumns,
    wrap: false,
    lineId: undefined,
    lineView: 'fields',
    tail: true,
  })
  const all = {
    q: 'a',
    lang: 'logql',
    tab: 'patterns',
    cols: 'user_id,,status',
    wrap: 'on',
    line: 'x1',
    tail: 'off',
    view: 'around',
  }
  expect(logsState(all, ['other'])).toEqual({
    query: 'a',
    language: 'logql',
    tab: 'patterns',
    columns: ['user_id', 'status'],
    wrap: true,
    lineId: 'x1',
    lineView: 'around',
    tail: false,
  })
  expect(logsState({ lang: 'sql', tab: 'x' }, ['other'])).toMatchObject({
    language: 'kql',
    tab: 'lines',
    columns: ['other'],
  })
})

it('keeps the address clean and the columns few', () => {
  expect(searchOfQuery('', 'kql')).toEqual({ q: undefined, lang: undefined, line: undefined })
  expect(columnsFromText('a,a,message,b')).toEqual(['a', 'b'])
  expect([toggledColumn(['a'], 'b'), toggledColumn(['a', 'b'], 'a')]).toEqual([['a', 'b'], ['b']])
})
