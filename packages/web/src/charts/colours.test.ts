import { describe, expect, it } from 'vitest'
import { assignColours, colourToken, dashOf } from './colours.ts'

const keys = (count: number) => Array.from({ length: count }, (_, i) => `series ${i}`)

describe('assignColours', () => {
  it('gives ten series ten colours', () => {
    expect(new Set(assignColours(keys(10)).values()).size).toBe(10)
  })

  it('does not depend on the order of the answer', () => {
    expect(assignColours(keys(7).reverse())).toEqual(assignColours(keys(7)))
  })

  it('keeps the colour of a series that stands alone', () => {
    expect(assignColours(['up{job="api"}'])).toEqual(assignColours(['up{job="api"}']))
  })

  it('begins anew with another dash after ten', () => {
    const places = [...assignColours(keys(25)).values()]
    expect(places.filter((place) => place >= 10)).toHaveLength(15)
    expect(places.every((place) => /^--s([1-9]|10)$/.test(colourToken(place)))).toBe(true)
    expect([dashOf(0), dashOf(5), dashOf(13)]).toEqual([[], [6, 3], [2, 3]])
  })
})
