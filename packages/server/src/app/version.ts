import manifest from '../../package.json' with { type: 'json' }

/** The version people see. */
export const productVersion: string = manifest.version
