import { describe, expect, it } from 'vitest'
import { insertFromFile, quoteString, readStatement, selectIntoFile } from './statement.ts'

const fromFile = (sql: string, ordered = false): string => insertFromFile(readStatement(sql), '/d/1.rows', { ordered })

describe('reading a statement', () => {
  it.each([
    ['SELECT 1', 'select'],
    ['  -- why\n/* here */ with x as (select 1) select * from x', 'select'],
    ['(SELECT 1) UNION ALL (SELECT 2)', 'select'],
    ['SHOW TABLES', 'show'],
    ['explain select 1', 'show'],
    ["KILL QUERY WHERE query_id = 'a' ASYNC", 'show'],
    ['INSERT INTO t SELECT 1', 'insert'],
    ['CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a', 'write'],
    ['ALTER TABLE t DELETE WHERE 1', 'write'],
  ])('tells what kind %j is', (sql, kind) => {
    expect(readStatement(sql).kind).toBe(kind)
  })

  it.each([
    ['SELECT 1 FORMAT JSONEachRow', 'JSONEachRow'],
    ['SELECT 1 format Native settings max_threads = 1', 'Native'],
    ['SELECT 1;', undefined],
    ["SELECT 'a FORMAT Native'", undefined],
    ['SELECT (SELECT 1 FORMAT Native)', undefined],
    ['SELECT format FROM t', undefined],
    ["SELECT format('{}', 1)", undefined],
  ])('finds the format of %j', (sql, format) => {
    expect(readStatement(sql).format).toBe(format)
  })

  it.each([
    ['INSERT INTO t FORMAT Native', true],
    ['INSERT INTO t (a, b) SETTINGS async_insert = 0 FORMAT JSONEachRow', true],
    ['INSERT INTO t VALUES', true],
    ["INSERT INTO t SELECT a FROM input('a UInt8') FORMAT Native", true],
    ['INSERT INTO t VALUES (1), (2)', false],
    ['INSERT INTO t FORMAT JSONEachRow {"a": "it\'s"}', false],
    ['INSERT INTO t SELECT 1', false],
    ["INSERT INTO t FROM INFILE '/x' FORMAT Native", false],
  ])('tells whether %j is complete only with a body', (sql, wants) => {
    expect(readStatement(sql).wantsBody).toBe(wants)
  })

  it('refuses a second statement and none', () => {
    expect(() => readStatement('SELECT 1; DROP TABLE t')).toThrow(
      'Code: 62. DB::Exception: Syntax error (Multi-statements are not allowed). (SYNTAX_ERROR)',
    )
    expect(() => readStatement(' -- nothing\n')).toThrow('Code: 62. DB::Exception: Empty query. (SYNTAX_ERROR)')
    expect(readStatement("SELECT ';'; \n").kind).toBe('select')
  })
})

describe('an insert with its body in a file', () => {
  it('reads the file where the format stood', () => {
    expect(fromFile('INSERT INTO t (a, `b c`) FORMAT Native')).toBe(
      "INSERT INTO t (a, `b c`) FROM INFILE '/d/1.rows'  FORMAT Native",
    )
    expect(fromFile('INSERT INTO t SETTINGS async_insert = 0 FORMAT Native')).toBe(
      "INSERT INTO t FROM INFILE '/d/1.rows' SETTINGS async_insert = 0  FORMAT Native",
    )
    expect(fromFile('INSERT INTO t VALUES')).toBe("INSERT INTO t FROM INFILE '/d/1.rows'  FORMAT Values")
  })

  it('reads the file in place of input()', () => {
    expect(
      fromFile("INSERT INTO t (x) SELECT a + 1 AS x FROM input('a UInt8, b Enum8(''x'' = 1)') FORMAT Native"),
    ).toBe("INSERT INTO t (x) SELECT a + 1 AS x FROM file('/d/1.rows', 'Native', 'a UInt8, b Enum8(''x'' = 1)') ")
  })

  it('orders by all columns where a token asks for the same blocks and no order is given', () => {
    const sql = "INSERT INTO t SELECT a FROM input('a UInt8') WHERE a > 1"
    expect(fromFile(`${sql} SETTINGS max_threads = 1 FORMAT Native`, true)).toBe(
      "INSERT INTO t SELECT a FROM file('/d/1.rows', 'Native', 'a UInt8') WHERE a > 1  ORDER BY ALL SETTINGS max_threads = 1 ",
    )
    expect(fromFile(`${sql} ORDER BY a FORMAT Native`, true)).toBe(
      "INSERT INTO t SELECT a FROM file('/d/1.rows', 'Native', 'a UInt8') WHERE a > 1 ORDER BY a ",
    )
  })

  it('refuses to read the body twice', () => {
    const sql = "INSERT INTO t SELECT a FROM input('a UInt8') UNION ALL SELECT a FROM input('a UInt8') FORMAT Native"
    expect(() => fromFile(sql)).toThrow('input() can be read once only')
  })
})

it('writes the answer of a SELECT to a file', () => {
  const intoFile = (sql: string): string => selectIntoFile(readStatement(sql), '/d/1.answer')
  expect(intoFile('SELECT a FROM t LIMIT 2 FORMAT Native SETTINGS max_threads = 1')).toBe(
    "INSERT INTO FUNCTION file('/d/1.answer', 'Native') SELECT a FROM t LIMIT 2  SETTINGS max_threads = 1",
  )
  for (const sql of ['SELECT 1', 'SHOW TABLES FORMAT CSV', 'INSERT INTO t SELECT 1 FORMAT Native'])
    expect(() => intoFile(sql)).toThrow('An answer in a file is that of a SELECT')
})

it('quotes what would end a string', () => {
  expect(quoteString("it's a \\ path")).toBe("'it\\'s a \\\\ path'")
})
