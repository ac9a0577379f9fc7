import java.net.HttpURLConnection;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Base64;

/** Asks Twilio for the services, with both HTTP clients of Java and no setting but credentials. Prints the two statuses. */
public class Ask {
    public static void main(String[] arguments) throws Exception {
        var url = URI.create("https://conversations.dublin.ie1.twilio.com/v1/Services");
        var login = System.getenv("TWILIO_ACCOUNT_SID") + ":" + System.getenv("TWILIO_AUTH_TOKEN");
        var authorization = "Basic " + Base64.getEncoder().encodeToString(login.getBytes());

        var connection = (HttpURLConnection) url.toURL().openConnection();
        connection.setRequestProperty("Authorization", authorization);
        System.out.println(connection.getResponseCode());

        var client = HttpClient.newBuilder().proxy(ProxySelector.getDefault()).build();
        var request = HttpRequest.newBuilder(url).header("Authorization", authorization).build();
        System.out.println(client.send(request, BodyHandlers.ofString()).statusCode());
    }
}
