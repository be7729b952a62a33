// The time range, Live and the URL's search for components.
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { rangeFromSearch, refreshMs, searchFromRange, type TimeRange, widenRange, zoomRange } from './range.ts'
import { type Search, searchText } from './search.ts'

export function usePageSearch(): Search {
  return useSearch({ strict: false }) as Search
}

/** Changes parts of the URL's search; the rest stays. */
export function useSetSearch(): (part: Search, options?: { replace?: boolean; zoomed?: boolean }) => void {
  const navigate = useNavigate()
  return (part, { replace = false, zoomed = false } = {}) =>
    void navigate({
      to: '.',
      search: ((before: Search) => ({ ...before, ...part })) as never,
      replace,
      ...(zoomed ? { state: { zoomed: true } as never } : {}),
    })
}

export interface PageRange {
  readonly range: TimeRange
  readonly live: boolean
  /** For TanStack Query: how often to ask again, or false. */
  readonly refetchInterval: number | false
  readonly setRange: (range: TimeRange) => void
  readonly setLive: (live: boolean) => void
  readonly zoom: (startMs: number, endMs: number) => void
  /** Back to before the zoom, else twice as far. */
  readonly zoomOut: () => void
}

export function usePageRange(): PageRange {
  const search = usePageSearch()
  const setSearch = useSetSearch()
  const router = useRouter()
  const [rangeText, from, to] = [searchText(search, 'range'), searchText(search, 'from'), searchText(search, 'to')]
  const range = useMemo(() => rangeFromSearch({ range: rangeText, from, to }), [rangeText, from, to])
  const live = searchText(search, 'live') !== 'off' && range.kind === 'last'
  const setRange = (next: TimeRange, zoomed = false) =>
    setSearch({ ...searchFromRange(next), ...(next.kind === 'last' ? { live: undefined } : {}) }, { zoomed })
  return {
    range,
    live,
    refetchInterval: live ? refreshMs(range) : false,
    setRange,
    setLive: (next) =>
      setSearch(
        range.kind === 'between' && next
          ? { ...searchFromRange({ kind: 'last', ms: range.endMs - range.startMs }), live: undefined }
          : { live: next ? undefined : 'off' },
      ),
    zoom: (startMs, endMs) => {
      const next = zoomRange(startMs, endMs)
      if (next !== undefined) setRange(next, true)
    },
    zoomOut: () => {
      if ((router.state.location.state as { zoomed?: boolean }).zoomed === true) router.history.back()
      else setRange(widenRange(range, Date.now()))
    },
  }
}
