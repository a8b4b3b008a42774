using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Platform.Access;
using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Platform;

/// <summary>A clock that moves only when the test says so. Delays on it end when it passes them.</summary>
public sealed class TestClock : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<TestTimer> timers = [];
    private DateTimeOffset now = new(2026, 11, 3, 2, 0, 0, TimeSpan.Zero); // A Tuesday, 10:00 in Beijing.

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
            return now;
    }

    public void Advance(TimeSpan by)
    {
        List<TestTimer> due;
        lock (gate)
        {
            now += by;
            due = [.. timers.Where(timer => timer.DueAt <= now)];
        }

        foreach (var timer in due)
            timer.Fire();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new TestTimer(this, callback, state, dueTime, period);

    private sealed class TestTimer : ITimer
    {
        private readonly TestClock clock;
        private readonly TimerCallback callback;
        private readonly object? state;
        private TimeSpan period;

        public TestTimer(TestClock clock, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            this.clock = clock;
            this.callback = callback;
            this.state = state;
            Change(dueTime, period);
        }

        public DateTimeOffset DueAt { get; private set; } = DateTimeOffset.MaxValue;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                this.period = period;
                DueAt = dueTime < TimeSpan.Zero ? DateTimeOffset.MaxValue : clock.now + dueTime;
                clock.timers.Remove(this);
                clock.timers.Add(this);
            }

            return true;
        }

        public void Fire()
        {
            lock (clock.gate)
                DueAt = period > TimeSpan.Zero ? clock.now + period : DateTimeOffset.MaxValue;
            callback(state);
        }

        public void Dispose()
        {
            lock (clock.gate)
                clock.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>
/// Caravan itself on a free port of this machine, with a real store of its own: a SQLite file in its folder, or a database
/// of the PostgreSQL server that the test run starts.
/// </summary>
public sealed class TestCaravan : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly string folder;

    private TestCaravan(WebApplication app, string folder, TestClock clock)
    {
        this.app = app;
        this.folder = folder;
        Clock = clock;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Anonymous = Client(null);
    }

    public TestClock Clock { get; }

    public Uri Address { get; }

    public string Folder => folder;

    public Settings Settings => Services.GetRequiredService<Settings>();

    public IServiceProvider Services => app.Services;

    public Store Store => Services.GetRequiredService<Store>();

    public HttpClient Anonymous { get; }

    /// <summary>Starts empty unless told otherwise; nothing is simulated.</summary>
    public static async Task<TestCaravan> StartAsync(Func<Settings, Settings>? change = null, TestClock? clock = null, string? folder = null)
    {
        folder ??= Directory.CreateTempSubdirectory("caravan-test-").FullName;
        var settings = new Settings { DataFolder = folder, Store = await TestStore.OfAsync(folder), Urls = "http://127.0.0.1:0", IsDemo = false, IsSimulated = false };
        clock ??= new TestClock();
        var app = CaravanServer.Build(change?.Invoke(settings) ?? settings, clock);
        await app.StartAsync(Cancel);
        return new TestCaravan(app, folder, clock);
    }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A company and a client that speaks with its key.</summary>
    public async Task<(PartnerId Id, HttpClient Http, string Key)> AddPartnerAsync(string slug)
    {
        var (id, key) = await Store.WriteAsync(async tx =>
        {
            var partner = await Services.GetRequiredService<PartnerBook>().AddAsync(tx, slug, slug, isDemo: false);
            return (partner.Id, await ApiKeys.CreateAsync(tx, partner.Id, "test"));
        }, Cancel);
        return (id, Client(key), key);
    }

    /// <summary>All events of a partner's rows, of one subject when named, oldest first.</summary>
    public async Task<List<OutboxEvent>> EventsAsync(PartnerId tenant, string? subject = null)
    {
        // On PostgreSQL an event may wait for a transaction that began before it: of another test, even, on the shared server.
        while (await Store.ReadAsync(Outbox.IsHeldUpAsync, Cancel))
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancel);
        return await Store.ReadAsync(db => Outbox.ReadAsync(db, tenant, 0, subject, 100), Cancel);
    }

    public HttpClient Client(string? key)
    {
        var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };
        if (key is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
        await TestStore.DropAsync(folder);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Stops the server and keeps the folder, for a test that starts it again.</summary>
    public async Task StopAsync()
    {
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
    }
}

/// <summary>Short words for speaking HTTP in tests.</summary>
public static class HttpWords
{
    public static async Task<(int Status, JsonElement Body, HttpResponseMessage Response)> SendAsync(this HttpClient http, HttpMethod method, string path, object? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body switch
        {
            null => null,
            string raw => new StringContent(raw, Encoding.UTF8, "application/json"),
            HttpContent content => content,
            _ => JsonContent.Create(body),
        };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        var response = await http.SendAsync(request, TestCaravan.Cancel);
        var text = await response.Content.ReadAsStringAsync(TestCaravan.Cancel);
        var isJson = response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true;
        return ((int)response.StatusCode, isJson && text.Length > 0 ? JsonSerializer.Deserialize<JsonElement>(text) : default, response);
    }

    public static Task<(int Status, JsonElement Body, HttpResponseMessage Response)> FetchAsync(this HttpClient http, string path) => http.SendAsync(HttpMethod.Get, path);

    public static Task<(int Status, JsonElement Body, HttpResponseMessage Response)> SubmitAsync(this HttpClient http, string path, object? body, string? key = null) => http.SendAsync(HttpMethod.Post, path, body, key);

    public static Task<(int Status, JsonElement Body, HttpResponseMessage Response)> ReplaceAsync(this HttpClient http, string path, object? body) => http.SendAsync(HttpMethod.Put, path, body);

    /// <summary>The fields that a 400 names.</summary>
    public static IReadOnlyList<string> Faults(this JsonElement problem) =>
        problem.TryGetProperty("errors", out var errors)
            ? [.. errors.EnumerateArray().Select(error => error.TryGetProperty("pointer", out var pointer) ? pointer.GetString()! : error.GetProperty("parameter").GetString()!)]
            : [];
}
