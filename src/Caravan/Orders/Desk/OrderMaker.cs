using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Caravan.Network;
using Caravan.Orders.Supplies;
using Caravan.Platform.Idempotency;
using Microsoft.Extensions.Options;
using HttpJson = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Caravan.Orders.Desk;

/// <summary>Turns a plan into an order and the answer to it: the work that needs no store, so that the writer need not do it.</summary>
internal sealed class OrderMaker(Planner planner, NetworkMap map, IOptions<HttpJson> json)
{
    private const string SecretLetters = "abcdefghijkmnpqrstuvwxyz23456789";
    private const int SecretLength = 20; // 100 bits.

    private readonly JsonTypeInfo<OrderBody> wire = (JsonTypeInfo<OrderBody>)json.Value.SerializerOptions.GetTypeInfo(typeof(OrderBody));

    /// <summary>Plans by the first of its services that can serve it; or says why the last cannot.</summary>
    public async ValueTask<(ReadyOrder? Ready, PlaceOutcome? Refused)> MakeAsync(DeskOrder asked, OrderFacts facts, CancellationToken cancel, IReadOnlyList<BackOrder>? waiting = null, DateTimeOffset waitsUntil = default)
    {
        Plan.Refused? refusal = null;
        foreach (var service in asked.Services)
        {
            switch (planner.Make(facts, service, asked.Promised))
            {
                case Plan.Made made:
                    return (Of(asked, made, service, facts.Now, await map.CurrentAsync(cancel), waiting, waitsUntil), null);
                case Plan.Refused refused:
                    refusal = refused;
                    break;
            }

            // What was promised, or held, before the seller published other rules is kept as it was promised.
            foreach (var earlier in facts.Rules.Earlier)
            {
                if ((asked.Promised is not null || asked.Request.Hold is not null) && earlier.Until > facts.Now - PromiseBook.TimeToLive && planner.Make(facts.Under(earlier), service, asked.Promised) is Plan.Made kept)
                    return (Of(asked, kept, service, facts.Now, await map.CurrentAsync(cancel), waiting, waitsUntil), null);
            }
        }

        return (null, new PlaceOutcome.Refused(refusal!.Reason, refusal.Sentence, refusal.Lines, refusal.Closest)); // There is one service at least.
    }

    /// <summary>An order all of whose lines wait.</summary>
    public async Task<ReadyOrder> WaitingAsync(DeskOrder asked, IReadOnlyList<BackOrder> waiting, DateTimeOffset waitsUntil, DateTimeOffset now, CancellationToken cancel) =>
        Of(asked, new Plan.Made([], waitsUntil, SourcingNote.Nobody(asked.Services[0])), asked.Services[0], now, await map.CurrentAsync(cancel), waiting, waitsUntil);

    /// <summary>A node's part of an order.</summary>
    public static FulfilmentOrder FulfilmentOf(OrderId order, PlanNode node, DateTimeOffset dueAt, DateTimeOffset now)
    {
        var id = FulfilmentId.New(now);
        return new FulfilmentOrder
        {
            Id = id,
            Order = order,
            Location = node.Location.Id,
            Operator = node.Location.Operator,
            ReadyAt = node.ReadyAt,
            DueAt = dueAt,
            DistanceMetres = node.Metres,
            Allocations = [.. node.Takes.Select(take => new Allocation { Fulfilment = id, Line = take.Line, Owner = take.Owner, Item = take.Item, Location = node.Location.Id, Units = Allocation.AllReserved(take.Quantity) })],
        };
    }

    private ReadyOrder Of(DeskOrder asked, Plan.Made plan, DeliveryService service, DateTimeOffset now, NetworkSnapshot network, IReadOnlyList<BackOrder>? waiting, DateTimeOffset waitsUntil)
    {
        var request = asked.Request;
        var id = OrderId.New(now);
        var promisedAt = asked.Promised ?? plan.PromisedAt;
        var isPickUp = service == DeliveryService.PickUp;
        var order = new Order
        {
            Seller = request.Basket.Seller,
            Id = id,
            Channel = request.Channel,
            Number = request.Number,
            Service = service,
            PlacedAt = now,
            RequestedAt = request.RequestedAt,
            PromisedAt = waitsUntil > promisedAt ? waitsUntil : promisedAt,
            Currency = asked.Currency,
            GoodsAmount = asked.Lines.Sum(line => line.PriceAmount * line.Quantity),
            DeliveryAmount = DeliveryPrice.Of(service, asked.Lines),
            Destination = isPickUp ? asked.Station!.Point : request.Basket.Destination!.Value, // The basket was read with one or the other.
            Address = isPickUp ? $"Station {asked.Station!.Name}" : request.Address,
            Station = isPickUp ? request.Basket.Station : null,
            Promise = request.Promise,
            Payment = request.PayBy is { } payBy ? new OrderPayment(PaymentState.Awaited, payBy) : null,
            TrackingSecret = RandomNumberGenerator.GetString(SecretLetters, SecretLength),
            ProofCode = RandomNumberGenerator.GetString("0123456789", 6),
            Lines = asked.Lines,
            Fulfilments = [.. plan.Nodes.Select(node => FulfilmentOf(id, node, promisedAt, now))],
            BackOrders = waiting ?? [],
        };
        var answer = asked.Keyed is { } keyed
            ? new KeptAnswer(keyed.Hash, StatusCodes.Status201Created, $"/v1/orders/{id}", JsonSerializer.SerializeToUtf8Bytes(OrderBodies.Of(order, network, []), wire))
            : null;
        return new ReadyOrder(order, plan, JsonSerializer.SerializeToUtf8Bytes(plan.Note, SourcingNoteJson.Default.SourcingNote), answer);
    }
}
