// Package email sends letters as e-mail through one SMTP server.
//
// It owns the form of a letter as mail (a text and an HTML part made of the same note, pictures
// inside the mail) and the sending of it. It promises that the connection is encrypted before
// anything is said (STARTTLS, or TLS from the first byte with smtps://) and the server's name
// checked, that a password is never sent otherwise, that strings of users can neither add a header
// nor markup nor a link, and that a letter carries the same Message-ID each time it is tried, so
// that a mail that had to be sent twice is shown once by most programs. It loads nothing from the
// network into a mail, and counts no opens.
//
// The SMTP and MIME part is wneessen/go-mail (MIT): quoting, encodings, authentication in its many
// dialects. It is used here only.
package email
