// Twilio's quickstart for Conversations with Twilio's own library, on the emulator: at its own URL, or without changes through its proxy.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"sort"
	"strings"

	"github.com/twilio/twilio-go"
	"github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"
	conversations "github.com/twilio/twilio-go/rest/conversations/v1"
)

// emulatorClient sends every request to the emulator, which has one path for each host of Twilio.
type emulatorClient struct{ client.Client }

func (c *emulatorClient) SendRequest(
	method, address string, data url.Values, headers map[string]interface{}, body ...byte,
) (*http.Response, error) {
	address = strings.Replace(address, "https://", os.Getenv("TWILIO_BASE_URL")+"/", 1)
	return c.Client.SendRequest(method, address, data, headers, body...)
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func connect() *twilio.RestClient {
	account := os.Getenv("TWILIO_ACCOUNT_SID")
	if os.Getenv("TWILIO_BASE_URL") == "" {
		return twilio.NewRestClient()
	}
	base := &emulatorClient{client.Client{Credentials: client.NewCredentials(account, os.Getenv("TWILIO_AUTH_TOKEN"))}}
	base.SetAccountSid(account)
	return twilio.NewRestClientWithParams(twilio.ClientParams{Client: base})
}

func main() {
	rest := connect()
	search := (&api.ListAvailablePhoneNumberLocalParams{}).SetSmsEnabled(true).SetLimit(1)
	offer := must(rest.Api.ListAvailablePhoneNumberLocal("US", search))[0]
	number := must(rest.Api.CreateIncomingPhoneNumber((&api.CreateIncomingPhoneNumberParams{}).SetPhoneNumber(*offer.PhoneNumber)))
	v1 := rest.ConversationsV1
	service := must(v1.CreateService((&conversations.CreateServiceParams{}).SetFriendlyName("Support")))
	named := (&conversations.CreateServiceConversationParams{}).SetFriendlyName("My First Conversation").SetUniqueName("hello")
	conversation := must(v1.CreateServiceConversation(*service.Sid, named))
	binding := (&conversations.CreateServiceConversationParticipantParams{}).
		SetMessagingBindingAddress("+15558675310").SetMessagingBindingProxyAddress(*number.PhoneNumber)
	phone := must(v1.CreateServiceConversationParticipant(*service.Sid, *conversation.Sid, binding))
	identity := (&conversations.CreateServiceConversationParticipantParams{}).SetIdentity("testPineapple")
	person := must(v1.CreateServiceConversationParticipant(*service.Sid, *conversation.Sid, identity))
	text := (&conversations.CreateServiceConversationMessageParams{}).SetAuthor("testPineapple").SetBody("Ahoy!")
	message := must(v1.CreateServiceConversationMessage(*service.Sid, *conversation.Sid, text))
	_, err := v1.CreateServiceConversationParticipant(*service.Sid, *conversation.Sid, identity)
	var refusal int
	if refused, ok := err.(*client.TwilioRestError); ok {
		refusal = refused.Code
	}

	var there []string
	for _, one := range must(v1.ListServiceConversationParticipant(*service.Sid, *conversation.Sid, nil)) {
		there = append(there, *one.Sid)
	}
	wanted := []string{*phone.Sid, *person.Sid}
	sort.Strings(there)
	sort.Strings(wanted)
	messages := [][]string{}
	for _, one := range must(v1.ListServiceConversationMessage(*service.Sid, *conversation.Sid, nil)) {
		messages = append(messages, []string{*one.Author, *one.Body})
	}
	fmt.Println(string(must(json.Marshal(map[string]any{
		"number":       *number.Sid,
		"service":      *service.Sid,
		"conversation": *conversation.Sid,
		"participants": fmt.Sprint(there) == fmt.Sprint(wanted),
		"messages":     messages,
		"message":      *message.Sid,
		"byName":       *must(v1.FetchServiceConversation(*service.Sid, "hello")).Sid,
		"refusal":      refusal,
	}))))
}
