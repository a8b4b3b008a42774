using System.Text.Json.Serialization;
using Caravan.Platform.Problems;

namespace Caravan.Operations.Inbox;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ExceptionBody))]
[JsonSerializable(typeof(Page<ExceptionBody>))]
[JsonSerializable(typeof(ActBody))]
[JsonSerializable(typeof(InboxFigures))]
internal sealed partial class InboxJson : JsonSerializerContext;
