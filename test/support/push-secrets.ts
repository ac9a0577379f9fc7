/** Secrets of push credentials in the right form, with text that a test can look for. */
const pem = (label: string, text: string) =>
  `-----BEGIN ${label}-----\n${text.replace(/[^A-Za-z0-9]/g, "")}AAAA==\n-----END ${label}-----\n`;

export const certificate = (text: string): string => pem("CERTIFICATE", text);
export const privateKey = (text: string, label = "PRIVATE KEY"): string => pem(label, text);

/** The text of a service account's JSON file. */
export const serviceAccount = (text: string): string =>
  JSON.stringify({
    type: "service_account",
    project_id: "demo",
    private_key: privateKey(text),
    client_email: "push@demo.iam.gserviceaccount.example",
  });
