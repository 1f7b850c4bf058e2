import io.github.idcardverification.Auth;
import io.github.idcardverification.BlockingCredentialsProvider;
import io.github.idcardverification.BlockingLedger;
import io.github.idcardverification.BlockingRemoteSigner;
import io.github.idcardverification.BlockingTransport;
import io.github.idcardverification.CallOptions;
import io.github.idcardverification.CallProgress;
import io.github.idcardverification.Charge;
import io.github.idcardverification.ClaimState;
import io.github.idcardverification.Client;
import io.github.idcardverification.ClientConfig;
import io.github.idcardverification.Credentials;
import io.github.idcardverification.HttpHeader;
import io.github.idcardverification.HttpRequest;
import io.github.idcardverification.HttpResponse;
import io.github.idcardverification.IdCardException;
import io.github.idcardverification.IdCardVerification;
import io.github.idcardverification.InputProblem;
import io.github.idcardverification.InputProblemKind;
import io.github.idcardverification.LedgerClaim;
import io.github.idcardverification.LedgerConfig;
import io.github.idcardverification.LedgerException;
import io.github.idcardverification.LedgerOutcome;
import io.github.idcardverification.LedgerProblem;
import io.github.idcardverification.NetworkFailure;
import io.github.idcardverification.ProviderException;
import io.github.idcardverification.ResultCode;
import io.github.idcardverification.Retry;
import io.github.idcardverification.RetryPolicy;
import io.github.idcardverification.Site;
import io.github.idcardverification.TransportException;
import io.github.idcardverification.Verdict;
import io.github.idcardverification.Verification;
import io.github.idcardverification.tools.EmbeddedSandbox;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** What an application in Java does with the library. */
public final class PlainJava {
    private static final String NUMBER = "001000199001010000";
    private static final String NAME = "林小满";

    private final String url;
    private final Credentials keys = new Credentials("AKIDSANDBOX", "sandbox-secret-key");

    private PlainJava(String url) throws IdCardException {
        this.url = url;
    }

    public static void main(String[] arguments) throws Exception {
        try (EmbeddedSandbox service = new EmbeddedSandbox()) {
            PlainJava java = new PlainJava(service.url());
            Verification answer = java.callsAndWaits();
            java.callsAndGoesOn();
            java.cancels();
            java.handlesErrors();
            java.bringsItsOwnParts();
            java.claimsItsCalls();
            System.out.println(answer.getVerdict() + ", " + answer.getCharge());
        }
    }

    private ClientConfig.Builder config(Auth auth) {
        return new ClientConfig.Builder(Site.INTERNATIONAL, auth)
                .endpoint(url)
                .timeout(Duration.ofSeconds(5))
                .requestsPerSecond(0);
    }

    private Client client() throws IdCardException {
        return new Client(config(new Auth.Keys(keys)).build());
    }

    private Verification callsAndWaits() throws Exception {
        try (Client client = client()) {
            Verification answer = client.verifyBlocking(NUMBER, NAME);
            String said =
                    switch (answer.getVerdict()) {
                        case MATCH -> "the same person";
                        case MISMATCH -> "not the same person";
                        case INCONCLUSIVE -> answer.getResult().meaning();
                    };
            check(said.equals("the same person"), said);
            check(Map.of(ResultCode.MATCH, 1).containsKey(answer.getResult()), "a key of a map");
            check(answer.getAttempts() == 1 && answer.getRetry() == Retry.NEVER, answer.toString());
            check(client.stats().getCharged() == 1L, client.stats().toString());
            check(copied(answer).equals(answer), "an answer can be serialized");
            RetryPolicy patient = new RetryPolicy.Builder().maxAttempts(5).build();
            CallOptions options = new CallOptions.Builder().fresh(true).retry(patient).build();
            client.verifyBlocking(NUMBER, NAME, options, null);
            return answer;
        }
    }

    private void callsAndGoesOn() throws Exception {
        try (Client client = client()) {
            CompletableFuture<Verdict> verdict = client.verifyAsync(NUMBER, NAME).thenApply(Verification::getVerdict);
            check(verdict.get(5, TimeUnit.SECONDS) == Verdict.MATCH, "a future");
            try {
                client.verifyAsync("1", NAME).get();
                throw new AssertionError("the number is malformed");
            } catch (ExecutionException wrapped) {
                check(wrapped.getCause() instanceof IdCardException.InvalidInput, "a future that fails");
            }
        }
    }

    private void cancels() throws Exception {
        BlockingTransport hangs =
                request -> {
                    try {
                        Thread.sleep(10_000);
                        throw new AssertionError("nobody stopped it");
                    } catch (InterruptedException stopped) {
                        throw new TransportException.Failed(NetworkFailure.OTHER, true);
                    }
                };
        try (Client client = new Client(config(new Auth.Keys(keys)).transport(hangs).build());
                CallProgress progress = new CallProgress()) {
            CallOptions options = new CallOptions.Builder().progress(progress).build();
            CompletableFuture<Verification> call = client.verifyAsync(NUMBER, NAME, options);
            while (progress.attempts() == 0) {
                Thread.sleep(5);
            }
            call.cancel(true);
            check(call.isCancelled() && progress.charge() == Charge.UNKNOWN, "a future that is cancelled");
        }
    }

    private void handlesErrors() throws Exception {
        try (Client client = client()) {
            client.verifyBlocking("1", NAME);
            throw new AssertionError("the number is malformed");
        } catch (IdCardException.InvalidInput error) {
            check(error.getProblem().kind() == InputProblemKind.NUMBER_LENGTH, error.getMessage());
            check(error.getProblem().equals(new InputProblem.NumberLength(1)), "problems are values");
            check(error.getCharge() == Charge.NOT_CHARGED && error.getAttempts() == 0, error.toString());
            check(copied(error).getMessage().equals(error.getMessage()), "an error can be serialized");
        }
        ClientConfig nowhere = config(new Auth.Keys(keys)).endpoint("http://127.0.0.1:1").build();
        try (Client client = new Client(nowhere)) {
            client.verifyBlocking(NUMBER, NAME);
            throw new AssertionError("nobody listens");
        } catch (IdCardException error) {
            check(error instanceof IdCardException.Network, error.toString());
            check(error.getRetry() == Retry.BACKOFF && error.getCharge() == Charge.NOT_CHARGED, error.getMessage());
        }
        try {
            new Client(config(new Auth.Keys(keys)).requestsPerSecond(-1).build());
            throw new AssertionError("fewer than no requests");
        } catch (IdCardException.Configuration error) {
            check(error.getMessage().contains("requests_per_second"), error.getMessage());
        }
    }

    private void bringsItsOwnParts() throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        BlockingTransport transport = request -> send(http, request);
        BlockingCredentialsProvider provider = refused -> keys;
        BlockingRemoteSigner signer =
                request -> {
                    try {
                        return IdCardVerification.signDigest(keys, request);
                    } catch (IdCardException error) {
                        throw new AssertionError(error);
                    }
                };
        for (Auth auth : List.of(new Auth.Provider(provider), new Auth.RemoteSigner(signer))) {
            try (Client client = new Client(config(auth).transport(transport).build())) {
                check(client.verifyBlocking(NUMBER, NAME).getVerdict() == Verdict.MATCH, auth.toString());
            }
        }
        BlockingCredentialsProvider asleep =
                refused -> {
                    throw new ProviderException.Unavailable("the server is asleep");
                };
        try (Client client = new Client(config(new Auth.Provider(asleep)).build())) {
            client.verifyBlocking(NUMBER, NAME);
            throw new AssertionError("there are no keys");
        } catch (IdCardException.Credentials error) {
            check(error.getDetail().equals("provider: the server is asleep"), error.getMessage());
        }
    }

    private void claimsItsCalls() throws Exception {
        Map<String, LedgerOutcome> charged = new ConcurrentHashMap<>();
        BlockingLedger ledger =
                new BlockingLedger() {
                    @Override
                    public ClaimState claimBlocking(LedgerClaim claim) {
                        LedgerOutcome outcome = charged.get(claim.getKey());
                        return outcome == null ? ClaimState.Mine.INSTANCE : new ClaimState.Settled(outcome);
                    }

                    @Override
                    public void settleBlocking(LedgerClaim claim, LedgerOutcome outcome) {
                        if (outcome.getCharge() == Charge.CHARGED) {
                            charged.put(claim.getKey(), outcome);
                        }
                    }
                };
        byte[] key = "an invented key of a ledger".getBytes();
        ClientConfig config = config(new Auth.Keys(keys)).ledger(new LedgerConfig(ledger, key)).build();
        for (Charge expected : List.of(Charge.CHARGED, Charge.NOT_CHARGED)) {
            try (Client client = new Client(config)) {
                check(client.verifyBlocking(NUMBER, NAME).getCharge() == expected, "what was charged is asked once");
            }
        }
        BlockingLedger full =
                new BlockingLedger() {
                    @Override
                    public ClaimState claimBlocking(LedgerClaim claim) throws LedgerException {
                        throw new LedgerException.Unavailable("the disk is full");
                    }

                    @Override
                    public void settleBlocking(LedgerClaim claim, LedgerOutcome outcome) {}
                };
        try (Client client = client();
                Client batch = client.withLedger(new LedgerConfig(full, key))) {
            batch.verifyBlocking(NUMBER, NAME);
            throw new AssertionError("nothing can be claimed");
        } catch (IdCardException.Ledger error) {
            check(error.getProblem() == LedgerProblem.UNAVAILABLE, error.getMessage());
            check(error.getDetail().equals("the disk is full") && error.getRetry() == Retry.BACKOFF, error.getMessage());
        }
    }

    private static HttpResponse send(HttpClient http, HttpRequest request) throws TransportException {
        java.net.http.HttpRequest.Builder made =
                java.net.http.HttpRequest.newBuilder(URI.create(request.getUrl()))
                        .timeout(request.getTimeout())
                        .POST(BodyPublishers.ofByteArray(request.getBody()));
        for (HttpHeader header : request.getHeaders()) {
            made.header(header.getName(), header.getValue());
        }
        try {
            java.net.http.HttpResponse<InputStream> response = http.send(made.build(), BodyHandlers.ofInputStream());
            byte[] body;
            try (InputStream in = response.body()) {
                body = in.readNBytes((int) request.getMaxResponseBytes() + 1);
            }
            if (body.length > request.getMaxResponseBytes()) {
                throw new TransportException.Failed(NetworkFailure.ANSWER_TOO_LARGE, true);
            }
            List<HttpHeader> headers =
                    response.headers().map().entrySet().stream()
                            .flatMap(entry -> entry.getValue().stream().map(value -> new HttpHeader(entry.getKey(), value)))
                            .collect(Collectors.toList());
            return new HttpResponse(response.statusCode(), headers, body);
        } catch (ConnectException failed) {
            throw new TransportException.Failed(NetworkFailure.CONNECT, false);
        } catch (IOException failed) {
            throw new TransportException.Failed(NetworkFailure.OTHER, true);
        } catch (InterruptedException stopped) {
            throw new TransportException.Failed(NetworkFailure.INTERRUPTED, true);
        }
    }

    @SuppressWarnings("unchecked")
    private static <T> T copied(T value) throws IOException, ClassNotFoundException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(value);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (T) in.readObject();
        }
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
