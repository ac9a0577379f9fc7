/** The file of a class's page: `phone-number.md`. */
export const pageName = (name: string): string => `${name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}.md`;
