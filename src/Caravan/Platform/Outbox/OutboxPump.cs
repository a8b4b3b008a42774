using Caravan.Platform.Storage;
using Caravan.Platform.Telemetry;

namespace Caravan.Platform.Outbox;

/// <summary>A room that listens: its name (which keeps its place), what it listens for, and what it does, inside the transaction it is given.</summary>
public sealed record Subscription(string Subscriber, IReadOnlyCollection<string> Types, Func<Tx, OutboxEvent, Task> Handle)
{
    /// <summary>What it does when several have happened, where that costs less than one after the other.</summary>
    internal Func<Tx, IReadOnlyList<OutboxEvent>, Task>? HandleMany { get; init; }

    /// <summary>
    /// Another subscriber, behind whom it keeps where events are numbered in the order of their commits (SQLite): what that one makes of an event is
    /// done when this one hears of it.
    /// </summary>
    internal string? KeepsBehind { get; init; }
}

/// <summary>
/// Brings each subscriber its events, in order. An event that fails five times is parked and named in the log; the rest go on.
/// Where several servers share a store, the row of a subscriber's place is what they take turns on: whoever finds it locked
/// leaves the events to the other.
/// </summary>
internal sealed partial class OutboxPump(Store store, Outbox outbox, IEnumerable<Subscription> subscriptions, OutboxFigures figures, TimeProvider clock, ILogger<OutboxPump> log) : BackgroundService
{
    private const int BatchLength = 25;
    private const int ManyLength = 100;
    private const int Attempts = 5;
    private const int SkippedMax = 200;

    // Who places an order must not wait long behind those who hear of others.
    private static readonly TimeSpan PieceLength = TimeSpan.FromMilliseconds(10);
    // What another server had begun and died over, it leaves without a word.
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => FollowAsync(stoppingToken);

    internal Task FollowAsync(CancellationToken stop) => Task.WhenAll(subscriptions.Select(subscription => FollowAsync(subscription, stop)));

    private async Task FollowAsync(Subscription subscription, CancellationToken stop)
    {
        var failures = 0;
        while (!stop.IsCancellationRequested)
        {
            // Taken before reading: an event committed while we read completes it, so none is slept through.
            var changed = outbox.Changed;
            try
            {
                var count = failures == 0
                    ? await TakeAsync(subscription, subscription.HandleMany is null ? BatchLength : ManyLength, stop)
                    : await TakeAsync(subscription, 1, stop);
                failures = 0;
                if (count == 0)
                    await (store.Postgres is null ? changed.WaitAsync(stop) : Task.WhenAny(changed, Task.Delay(LookAgain, TimeProvider.System, stop)));
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // A subscriber's fault must not end the walk of every later order; it is logged, retried and parked.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failures++;
                LogFailure(subscription.Subscriber, failures, exception);
                if (failures >= Attempts && await TryParkAsync(subscription, exception, stop))
                    failures = 0;
                else
                    await store.WaitAsync(RetryDelay * failures).WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
        }
    }

    private Task<int> TakeAsync(Subscription subscription, int most, CancellationToken stop) => store.WriteLaterAsync(async tx =>
    {
        if (await ClaimAsync(tx, subscription) is not { } place)
        {
            figures.Elsewhere(subscription.Subscriber);
            return 0;
        }

        var events = await Outbox.ReadAllAsync(tx, place, subscription.Types, most);
        figures.Behind(subscription.Subscriber, events.Count > 0 ? events[0].At : null);
        var isHeldBack = events.Count > 0 && subscription.KeepsBehind is { } ahead && !tx.IsPostgres
            && await FirstWaitingAsync(tx, subscriptions.Single(other => other.Subscriber == ahead)) is { } first && events.RemoveAll(happened => happened.Sequence >= first) > 0;
        using var span = events.Count > 0 ? Figures.Traces.StartActivity($"outbox {subscription.Subscriber}") : null;
        var since = clock.GetTimestamp();
        var count = 0;
        if (events.Count > 1 && subscription.HandleMany is { } handleMany)
            await handleMany(tx, events[..(count = events.Count)]);
        while (count < events.Count && (count == 0 || clock.GetElapsedTime(since) < PieceLength))
            await subscription.Handle(tx, events[count++]);
        if (count > 0)
            await MoveAsync(tx, subscription, events[count - 1].Sequence);
        else if (!isHeldBack && await Outbox.NewestAsync(tx) is var newest && newest - place > SkippedMax)
            await MoveAsync(tx, subscription, newest); // None of it was for this subscriber, who need not look through it again.
        return count;
    }, stop);

    // The first event that a subscriber has yet to take.
    private static async Task<long?> FirstWaitingAsync(Tx tx, Subscription other) =>
        await tx.FirstAsync<long?>("SELECT sequence FROM outbox_cursors WHERE subscriber = @subscriber", new { subscriber = other.Subscriber }) is var place
            && await Outbox.ReadAllAsync(tx, place ?? 0, other.Types, 1) is [var next] ? next.Sequence : null;

    private async Task<bool> TryParkAsync(Subscription subscription, Exception reason, CancellationToken stop)
    {
        try
        {
            await store.WriteAsync(async tx =>
            {
                if (await ClaimAsync(tx, subscription) is not { } place || await Outbox.ReadAllAsync(tx, place, subscription.Types, 1) is not [var failed])
                    return;

                await tx.ExecuteAsync(
                    "INSERT INTO outbox_parked (tenant, subscriber, sequence, error, at) VALUES (@tenant, @subscriber, @sequence, @error, @at) ON CONFLICT DO NOTHING",
                    new { tenant = failed.Tenant, subscriber = subscription.Subscriber, failed.Sequence, error = reason.ToString(), at = tx.Now });
                await MoveAsync(tx, subscription, failed.Sequence);
                figures.Parked(subscription.Subscriber);
                LogParked(subscription.Subscriber, failed.Type, failed.Sequence);
            }, stop);
            return true;
        }
#pragma warning disable CA1031 // The store itself is in trouble: wait and try again.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogFailure(subscription.Subscriber, Attempts, exception);
            return false;
        }
    }

    /// <summary>Where the subscriber stands; none while another server brings it its events.</summary>
    private static async Task<long?> ClaimAsync(Tx tx, Subscription subscription)
    {
        var claim = tx.IsPostgres ? "FOR UPDATE SKIP LOCKED" : "";
        if (await tx.FirstAsync<long?>($"SELECT sequence FROM outbox_cursors WHERE subscriber = @subscriber {claim}", new { subscriber = subscription.Subscriber }) is { } place)
            return place;

        return await tx.ExecuteAsync("INSERT INTO outbox_cursors (subscriber, sequence) VALUES (@subscriber, 0) ON CONFLICT DO NOTHING", new { subscriber = subscription.Subscriber }) > 0 ? 0 : null;
    }

    private Task MoveAsync(Tx tx, Subscription subscription, long sequence)
    {
        if (subscriptions.Any(other => other.KeepsBehind == subscription.Subscriber))
            tx.AfterCommit(outbox.Wake);
        return tx.ExecuteAsync(
            "UPDATE outbox_cursors SET sequence = @sequence WHERE subscriber = @subscriber",
            new { subscriber = subscription.Subscriber, sequence });
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Subscriber {Subscriber} failed, attempt {Attempt}.")]
    private partial void LogFailure(string subscriber, int attempt, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Subscriber {Subscriber} cannot take {Type} {Sequence}: parked in outbox_parked.")]
    private partial void LogParked(string subscriber, string type, long sequence);
}
