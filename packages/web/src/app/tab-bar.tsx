import { Ellipsis, Search } from 'lucide-react'
import { pages } from '../pages/registry.ts'
import { Dialog } from '../ui/dialog.tsx'
import { PageLink } from './page-link.tsx'
import { useShell } from './shell-state.ts'
import { useFiringCount } from './use-firing.ts'
import { UserMenu } from './user-menu.tsx'

const tabs = ['/', '/alerts', '/explore'] as const

/** On a phone: the sections within the thumb's reach. */
export function TabBar() {
  const { overlay, open } = useShell()
  const firing = useFiringCount()
  return (
    <nav className="tab-bar" aria-label="Tabs">
      {pages
        .filter((page) => tabs.some((path) => path === page.path))
        .map(({ path, title, icon: Icon }) => (
          <PageLink key={path} to={path}>
            <Icon className="icon" aria-hidden />
            {title}
            {path === '/alerts' && firing > 0 && <span className="tab-count">{firing}</span>}
          </PageLink>
        ))}
      <button type="button" onClick={() => open('palette')}>
        <Search className="icon" aria-hidden />
        Search
      </button>
      <button type="button" onClick={() => open('more')}>
        <Ellipsis className="icon" aria-hidden />
        More
      </button>
      <Dialog open={overlay === 'more'} onOpenChange={(isOpen) => open(isOpen ? 'more' : undefined)} title="More">
        <div className="more-list">
          {pages
            .filter((page) => !tabs.some((path) => path === page.path))
            .map(({ path, title, icon: Icon }) => (
              <PageLink key={path} to={path} onClick={() => open(undefined)}>
                <Icon className="icon" aria-hidden /> {title}
              </PageLink>
            ))}
          <UserMenu />
        </div>
      </Dialog>
    </nav>
  )
}
