import { describe, expect, it } from 'vitest'
import { readRequest, type StatementRequest } from './request.ts'

const read = (search: string, headers: Record<string, string> = {}): StatementRequest =>
  readRequest(new URL(`http://localhost/${search}`), headers, { database: 'tidewatch', newQueryId: () => 'made' })

describe('a request', () => {
  it('has defaults for all that it does not say', () => {
    expect(read('')).toEqual({
      queryId: 'made',
      query: undefined,
      database: 'tidewatch',
      defaultFormat: 'TabSeparated',
      settings: {},
      waitEndOfQuery: false,
      answerInFile: false,
      encoding: undefined,
    })
  })

  it('keeps settings apart from what steers the interface', () => {
    const search =
      '?query=SELECT+1&query_id=q&database=d&default_format=CSV&wait_end_of_query=1&answer_in_file=1&user=u&max_threads=2&log_comment=x'
    expect(read(search)).toMatchObject({
      queryId: 'q',
      query: 'SELECT 1',
      database: 'd',
      defaultFormat: 'CSV',
      settings: { max_threads: '2' },
      waitEndOfQuery: true,
      answerInFile: true,
    })
  })

  it('packs only when asked to, with the first coding that is known', () => {
    const accept = (value: string): unknown => read('?enable_http_compression=1', { 'accept-encoding': value }).encoding
    expect(accept('lzma, zstd;q=0.5, gzip')).toBe('zstd')
    expect(accept('gzip;q=0, br')).toBe('br')
    expect(accept('identity')).toBe(undefined)
    expect(read('', { 'accept-encoding': 'gzip' }).encoding).toBe(undefined)
  })

  it.each([
    [
      '?param_x=1',
      'Code: 48. DB::Exception: Query parameters are not supported by the embedded engine. Render the values into the statement. (NOT_IMPLEMENTED)',
    ],
    [
      '?readonly=1',
      'Code: 48. DB::Exception: The setting readonly is not supported by the embedded engine. (NOT_IMPLEMENTED)',
    ],
    [
      '?decompress=1',
      'Code: 48. DB::Exception: The parameter decompress is not supported by the embedded engine. (NOT_IMPLEMENTED)',
    ],
    ['?a%3D1%2Cb=2', "Code: 115. DB::Exception: Unknown setting 'a=1,b'. (UNKNOWN_SETTING)"],
    ["?default_format=CSV'", 'Code: 73. DB::Exception: Unknown format. (UNKNOWN_FORMAT)'],
  ])('is refused for %s', (search, text) => {
    expect(() => read(search)).toThrow(text)
  })
})
