import io.github.idcardverification.Auth;
import io.github.idcardverification.Client;
import io.github.idcardverification.ClientConfig;
import io.github.idcardverification.Credentials;
import io.github.idcardverification.Site;
import io.github.idcardverification.Verification;

/** One call against the sandbox, by the library of the platform that runs this. */
public final class Call {
    public static void main(String[] arguments) throws Exception {
        Credentials keys = new Credentials("AKIDSANDBOX", "sandbox-secret-key");
        ClientConfig config = new ClientConfig.Builder(Site.INTERNATIONAL, new Auth.Keys(keys))
                .endpoint(arguments[0])
                .build();
        try (Client client = new Client(config)) {
            Verification answer = client.verifyBlocking("001000199001010000", "林小满");
            System.out.println(
                    System.getProperty("os.arch") + ": " + answer.getVerdict() + ", " + answer.getCharge());
        }
    }
}
