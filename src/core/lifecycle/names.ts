const pascal = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/** What a form calls a property: `Timers.Inactive` for `timers.inactive`. */
export const formName = (property: string): string => property.split(".").map(pascal).join(".");

/** What a response calls a property: `date_created` for `dateCreated`. */
export const bodyName = (property: string): string => property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
