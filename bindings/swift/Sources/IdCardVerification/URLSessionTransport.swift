import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Sends requests by `URLSession`, with the system's trust store and proxies.
///
/// It follows no redirect, keeps no cookie and no cache, reads an answer up to the limit, and says
/// of a failure whether the request may have left.
public final class URLSessionTransport: Transport, @unchecked Sendable {
    private let session: URLSession
    private let exchanges = Exchanges()

    /// Makes a transport; a configuration of your own can carry proxies or protocol classes. It is
    /// copied; its cookies, its cache and its additional headers are not used.
    public init(configuration: URLSessionConfiguration = .ephemeral) {
        // A copy of a configuration is one.
        let configuration = configuration.copy() as! URLSessionConfiguration
        configuration.httpAdditionalHeaders = nil
        configuration.httpShouldSetCookies = false
        configuration.httpCookieAcceptPolicy = .never
        configuration.urlCache = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
    }

    deinit {
        session.finishTasksAndInvalidate()
    }

    public func send(request: HttpRequest) async throws -> HttpResponse {
        guard let url = URL(string: request.url) else {
            throw TransportError.Failed(failure: .other, sent: false)
        }
        var urlRequest = URLRequest(url: url, timeoutInterval: request.timeout)
        urlRequest.httpMethod = "POST"
        urlRequest.httpBody = request.body
        for header in request.headers {
            urlRequest.setValue(header.value, forHTTPHeaderField: header.name)
        }
        let task = session.dataTask(with: urlRequest)
        // The request's own timeout is one of silence; this one is of the whole exchange.
        let deadline = DispatchWorkItem { [exchanges] in exchanges.expire(task) }
        DispatchQueue.global().asyncAfter(deadline: .now() + request.timeout, execute: deadline)
        defer { deadline.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                exchanges.begin(task, limit: request.maxResponseBytes, continuation: continuation)
                task.resume()
            }
        } onCancel: {
            task.cancel()
        }
    }
}

/// Requests in progress, by their task.
private final class Exchanges: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    private struct Exchange {
        let limit: UInt64
        let continuation: CheckedContinuation<HttpResponse, Error>
        var body = Data()
        var stopped: NetworkFailure?
    }

    private let lock = NSLock()
    private var inProgress: [Int: Exchange] = [:]

    func begin(
        _ task: URLSessionTask, limit: UInt64, continuation: CheckedContinuation<HttpResponse, Error>
    ) {
        lock.withLock {
            inProgress[task.taskIdentifier] = Exchange(limit: limit, continuation: continuation)
        }
    }

    func expire(_ task: URLSessionTask) {
        lock.withLock { inProgress[task.taskIdentifier]?.stopped = .timeout }
        task.cancel()
    }

    func urlSession(
        _: URLSession, task _: URLSessionTask, willPerformHTTPRedirection _: HTTPURLResponse,
        newRequest _: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    /// A challenge for a password is answered by nobody: the answer, 401, is what the call is given.
    func urlSession(
        _: URLSession, task _: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
        completionHandler: @escaping (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
    ) {
        #if canImport(FoundationNetworking)
            completionHandler(.rejectProtectionSpace, nil)
        #else
            let isOfTLS = [NSURLAuthenticationMethodServerTrust, NSURLAuthenticationMethodClientCertificate]
                .contains(challenge.protectionSpace.authenticationMethod)
            completionHandler(isOfTLS ? .performDefaultHandling : .rejectProtectionSpace, nil)
        #endif
    }

    func urlSession(_: URLSession, dataTask task: URLSessionDataTask, didReceive data: Data) {
        let isTooLarge = lock.withLock { () -> Bool in
            guard var exchange = inProgress[task.taskIdentifier] else { return false }
            let isTooLarge = UInt64(exchange.body.count + data.count) > exchange.limit
            if isTooLarge {
                exchange.stopped = .answerTooLarge
                exchange.body = Data()
            } else {
                exchange.body.append(data)
            }
            inProgress[task.taskIdentifier] = exchange
            return isTooLarge
        }
        if isTooLarge {
            task.cancel()
        }
    }

    func urlSession(_: URLSession, task: URLSessionTask, didCompleteWithError error: Error?) {
        guard let exchange = lock.withLock({ inProgress.removeValue(forKey: task.taskIdentifier) }) else {
            return
        }
        if let stopped = exchange.stopped {
            exchange.continuation.resume(throwing: TransportError.Failed(failure: stopped, sent: true))
        } else if let error {
            exchange.continuation.resume(throwing: failed(task, error))
        } else if let response = task.response as? HTTPURLResponse {
            exchange.continuation.resume(returning: answer(response, exchange.body))
        } else {
            exchange.continuation.resume(throwing: TransportError.Failed(failure: .other, sent: true))
        }
    }

    private func answer(_ response: HTTPURLResponse, _ body: Data) -> HttpResponse {
        let headers = response.allHeaderFields.compactMap { name, value -> HttpHeader? in
            guard let name = name as? String, let value = value as? String else { return nil }
            return HttpHeader(name: name, value: value)
        }
        return HttpResponse(status: UInt16(response.statusCode), headers: headers, body: body)
    }

    /// Only failures before there was a connection say that nothing has left.
    private func failed(_ task: URLSessionTask, _ error: Error) -> TransportError {
        switch (error as? URLError)?.code {
        case .cannotConnectToHost, .cannotFindHost, .dnsLookupFailed, .notConnectedToInternet:
            return .Failed(failure: .connect, sent: false)
        case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
            .serverCertificateNotYetValid, .serverCertificateHasUnknownRoot, .clientCertificateRejected,
            .clientCertificateRequired:
            return .Failed(failure: .tls, sent: false)
        case .timedOut:
            return .Failed(failure: .timeout, sent: true)
        #if canImport(FoundationNetworking)
            // On Linux a failed handshake has no code of its own. There, the count of what was sent is
            // raised before the bytes leave.
            case .unknown where task.countOfBytesSent == 0:
                return .Failed(failure: .tls, sent: false)
        #endif
        default:
            return .Failed(failure: .interrupted, sent: true)
        }
    }
}
