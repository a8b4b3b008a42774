using System.Threading.Channels;

namespace Caravan.Stock;

/// <summary>Hands large documents to who applies them on this server, and wakes it.</summary>
internal sealed class FeedWake
{
    private readonly Channel<(PartnerId Owner, FeedDocumentId Document)> waiting = Channel.CreateUnbounded<(PartnerId, FeedDocumentId)>();

    public void Apply(PartnerId owner, FeedDocumentId document) => waiting.Writer.TryWrite((owner, document));

    public bool TryTake(out (PartnerId Owner, FeedDocumentId Document) next) => waiting.Reader.TryRead(out next);

    /// <summary>Waits for a document, or for a time to pass.</summary>
    public async Task WaitAsync(TimeSpan time, TimeProvider clock, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(waiting.Reader.WaitToReadAsync(either.Token).AsTask(), Task.Delay(time, clock, either.Token));
        await either.CancelAsync();
    }
}
