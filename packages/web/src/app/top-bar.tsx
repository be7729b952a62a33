import { ChevronLeft, ChevronRight, Search } from 'lucide-react'
import { shiftRange } from '../data/range.ts'
import { usePageRange } from '../data/use-range.ts'
import { Mark } from './mark.tsx'
import { PageLink } from './page-link.tsx'
import { useShell } from './shell-state.ts'
import { TimePicker } from './time-picker.tsx'
import './top-bar.css'

/** Search, the time range of all pages, Live. */
export function TopBar() {
  const { open } = useShell()
  const { range, live, setRange, setLive } = usePageRange()
  return (
    <header className="top-bar">
      <PageLink to="/" className="phone-only top-mark" title="Now">
        <Mark size={22} />
        <span className="hidden-text">Tidewatch, to Now</span>
      </PageLink>
      <button
        type="button"
        className="find wide-only"
        onClick={() => open('palette')}
        aria-label="Search pages, actions and metrics"
      >
        <Search className="icon" aria-hidden />
        <span className="cut">Search pages and metrics</span>
        <span className="kbd">Ctrl K</span>
      </button>
      <div className="segments top-range">
        <button
          type="button"
          className="wide-only"
          aria-label="Earlier"
          onClick={() => setRange(shiftRange(range, -1, Date.now()))}
        >
          <ChevronLeft className="icon" aria-hidden />
        </button>
        <TimePicker />
        <button
          type="button"
          className="wide-only"
          aria-label="Later"
          disabled={range.kind === 'last'}
          onClick={() => setRange(shiftRange(range, 1, Date.now()))}
        >
          <ChevronRight className="icon" aria-hidden />
        </button>
      </div>
      <button
        type="button"
        className="button"
        aria-pressed={live}
        title={live ? 'New data is shown as it comes' : 'The page stands still'}
        onClick={() => setLive(!live)}
      >
        <span className={`live-dot ${live ? '' : 'off'}`} aria-hidden />
        Live
      </button>
    </header>
  )
}
