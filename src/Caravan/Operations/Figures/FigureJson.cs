using System.Text.Json.Serialization;
using Caravan.Platform.Problems;

namespace Caravan.Operations.Figures;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CountedOrder))]
[JsonSerializable(typeof(FiguresBody))]
[JsonSerializable(typeof(Page<NodeFigureBody>))]
[JsonSerializable(typeof(PlotData))]
internal sealed partial class FigureJson : JsonSerializerContext;
