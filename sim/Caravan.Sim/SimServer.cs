using Caravan.Catalog;
using Caravan.Delivery;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Orders.Desk;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Platform.Outbox;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Stock;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using HttpJson = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Caravan.Sim;

/// <summary>The server died before it answered.</summary>
internal sealed class ServerDiedException() : Exception("The server died before it answered (simulated).");

/// <summary>
/// A Caravan server in a simulated world: the real rooms with caches of their own, the order desk and the outbox's followers
/// running. Only the ways in (HTTP) and out (the disk) are other than in the program.
/// </summary>
internal sealed class SimServer
{
    private static readonly IOptions<HttpJson> Json = JsonOfRooms();

    private readonly Scheduler scheduler;
    private readonly ServiceProvider services;
    private readonly Dictionary<Type, object> rooms = [];

    public SimServer(Scheduler scheduler, SimDisk disk, string name)
    {
        this.scheduler = scheduler;
        Disk = disk;
        Name = name;
        Party = new Party(scheduler, name);
        Clock = new SimClock(scheduler, Party);
        services = Party.Begin(() =>
        {
            var built = Services().BuildServiceProvider();
            built.GetRequiredService<Availability>();
            _ = FollowAsync(built);
            _ = ExpireAsync(built.GetRequiredService<Expiry>());
            return built;
        });
    }

    public string Name { get; }

    public Party Party { get; }

    public SimDisk Disk { get; }

    public SimClock Clock { get; }

    public List<SimConnection> Connections { get; } = [];

    /// <summary>Who waits for an answer, by idempotency key where there is one.</summary>
    public List<(string? Key, Action<object> Answer, Action Die)> Asked { get; } = [];

    public Action<Change> Heard { get; set; } = _ => { };

    public Action Missed { get; set; } = () => { };

    public T Get<T>()
        where T : notnull
    {
        // Asked twice for the same, the provider would compile a way to it; this one does not live long enough.
        if (!rooms.TryGetValue(typeof(T), out var room))
            rooms[typeof(T)] = room = services.GetRequiredService<T>();
        return (T)room;
    }

    public SimConnection Open()
    {
        var connection = new SimConnection(Disk.File, this);
        connection.Open();
        Connections.Add(connection);
        return connection;
    }

    /// <summary>Asks the server; the answer comes, if it comes, to whoever awaits it.</summary>
    public Task<T> AskAsync<T>(Func<SimServer, Task<T>> act, string? key = null)
        where T : notnull
    {
        var answer = new TaskCompletionSource<T>();
        if (Party.IsDead)
        {
            answer.SetException(new ServerDiedException());
            return answer.Task;
        }

        (string?, Action<object>, Action) asked = (key, early => answer.TrySetResult((T)early), () => answer.TrySetException(new ServerDiedException()));
        Asked.Add(asked);
        Party.Post(_ => _ = AnswerAsync(), null);
        return answer.Task;

        async Task AnswerAsync()
        {
            try
            {
                answer.TrySetResult(await act(this));
            }
#pragma warning disable CA1031 // Whatever it is, the client hears of it and judges.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                answer.TrySetException(fault);
            }

            Asked.Remove(asked);
        }
    }

    /// <summary>Tells the other servers what a commit changed: sooner or later, or they learn that they missed something.</summary>
    public void Post(IReadOnlyCollection<Change> changes)
    {
        if (changes.Count == 0)
            return;

        foreach (var other in Disk.Servers.Where(one => one != this && !one.Party.IsDead))
        {
            var delay = Disk.Strikes(Fault.NewsDelayed, 0.3, other) ? TimeSpan.FromMilliseconds(scheduler.Dice.Next(3_000)) : TimeSpan.FromMilliseconds(scheduler.Dice.Next(5));
            if (Disk.Strikes(Fault.NewsLost, 0.15, other))
            {
                if (Disk.Plant?.LosesNews != true)
                    scheduler.After(other.Party, delay + TimeSpan.FromSeconds(1), other.Missed); // Cut off, and connected again.
                continue;
            }

            scheduler.After(other.Party, delay, () =>
            {
                foreach (var change in changes)
                    other.Heard(change);
            });
        }
    }

    /// <summary>Never goes on; what it had not committed is undone, and nobody it owed an answer gets one.</summary>
    public void Kill()
    {
        Party.IsDead = true;
        Disk.Trace($"{Name}: dies");
        foreach (var connection in Connections.ToList())
            connection.Dispose();
        foreach (var (_, _, die) in Asked)
            die();
        Asked.Clear();
    }

    public void Stop()
    {
        Party.IsDead = true;
        foreach (var connection in Connections.ToList())
            connection.Dispose();
    }

    private ServiceCollection Services()
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton(new Settings());
        services.AddSingleton(new Store(new SimDatabase(Disk, this, scheduler), Clock));
        services.AddMetrics();
        services.AddSingleton<Outbox>().AddSingleton<OutboxFigures>();
        services.AddPartners().AddCatalog().AddNetwork().AddStock().AddDelivery().AddOrders();
        services.AddSingleton(Json);
        services.AddSingleton<ILogger<Expiry>>(NullLogger<Expiry>.Instance);
        services.AddSingleton(Follower.Subscription);
        return services;
    }

    // As on the program's shared store a watch looks for other servers' events; there four times a second.
    private async Task FollowAsync(ServiceProvider built)
    {
        var outbox = built.GetRequiredService<Outbox>();
        _ = new OutboxPump(built.GetRequiredService<Store>(), outbox, built.GetServices<Subscription>(), built.GetRequiredService<OutboxFigures>(), Clock, NullLogger<OutboxPump>.Instance).FollowAsync(CancellationToken.None);
        while (true)
        {
            await scheduler.DelayAsync(Party, TimeSpan.FromSeconds(1));
            outbox.Wake();
        }
    }

    // In the program once a second; here carts are shorter, too.
    private async Task ExpireAsync(Expiry expiry)
    {
        while (true)
        {
            await scheduler.DelayAsync(Party, TimeSpan.FromMilliseconds(150));
            try
            {
                await expiry.RunOnceAsync(CancellationToken.None);
            }
            catch (Exception fault) when (Customers.IsTrouble(fault))
            {
                Disk.Trace($"{Name}: holds are looked at later: {fault.GetType().Name}");
            }
        }
    }

    private static IOptions<HttpJson> JsonOfRooms()
    {
        var services = new ServiceCollection().AddPartners().AddCatalog().AddNetwork().AddStock().AddDelivery().AddOrders();
        services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        return Options.Create(services.BuildServiceProvider().GetRequiredService<IOptions<HttpJson>>().Value);
    }
}

/// <summary>A follower of the outbox that notes each order it hears of, once.</summary>
internal static class Follower
{
    public const string Table = "CREATE TABLE sim_heard (sequence INTEGER PRIMARY KEY)";

    public static Subscription Subscription { get; } = new("sim.follower", [OrderEvent.Placed], (tx, happened) =>
        tx.ExecuteAsync("INSERT INTO sim_heard (sequence) VALUES (@Sequence)", new { happened.Sequence }));
}
