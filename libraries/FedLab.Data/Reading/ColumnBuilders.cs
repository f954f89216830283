using FedLab.Data.Connectors;

namespace FedLab.Data.Reading;

/// <summary>What takes the cells of every column.</summary>
internal sealed class ColumnBuilders
{
    private readonly FeatureBuilder?[] _featureOf;
    private readonly CellForm[] _forms;
    private readonly HashSet<string> _chosen;

    public ColumnBuilders(ColumnPlan plan, DataSourceOptions options, HashSet<string> categorical)
    {
        Plan = plan;
        _chosen = [.. categorical, .. options.Mappings.Where(mapping => mapping.Value.Type is not null).Select(mapping => mapping.Key)];
        _featureOf = new FeatureBuilder?[plan.Names.Length];
        _forms = new CellForm[plan.Names.Length];
        for (var i = 0; i < _featureOf.Length; i++)
        {
            if (plan.Roles[i] != ColumnRole.Feature) continue;
            _featureOf[i] = plan.CreateBuilder(i, categorical.Contains(plan.Names[i]));
            Features.Add(_featureOf[i]!);
        }

        if (options.LabelColumn is not null) Labels = new LabelBuilder(options.LabelColumn, plan.LabelFromWords);
        if (options.FoldColumn is not null) Folds = new FoldBuilder();
    }

    public ColumnPlan Plan { get; }

    public KeyBuilder Keys { get; } = new();

    public LabelBuilder? Labels { get; }

    public FoldBuilder? Folds { get; }

    public List<FeatureBuilder> Features { get; } = [];

    /// <summary>Columns that the source calls text and that nobody called categories, in which every value is a number.</summary>
    public IEnumerable<string> TextsOfNumbers => Enumerable.Range(0, _featureOf.Length)
        .Where(i => Plan.Columns[i].Type == SourceType.Text && !_chosen.Contains(Plan.Names[i]) && _featureOf[i] is CategoryFeature { HoldsOnlyNumbers: true })
        .Select(i => Plan.Names[i]);

    /// <summary>Makes room for the rows that are expected in all.</summary>
    public void Expect(int rows)
    {
        foreach (var feature in Features) feature.Expect(rows);
    }

    /// <summary>How the next block's cells are wanted.</summary>
    public IReadOnlyList<CellForm> Forms()
    {
        for (var i = 0; i < _forms.Length; i++)
        {
            _forms[i] = Plan.Roles[i] switch
            {
                ColumnRole.Feature => _featureOf[i]!.Form,
                ColumnRole.Label => CellForm.Natural,
                ColumnRole.Key or ColumnRole.Fold => CellForm.Text,
                _ => CellForm.Skipped,
            };
        }

        return _forms;
    }

    /// <summary>Takes a block.</summary>
    /// <exception cref="DataFormatException">A cell cannot be used; of several such the one in the first row is reported.</exception>
    public void Append(RowBlock block, RowContext context)
    {
        DataFormatException? first = null;
        for (var i = 0; i < _featureOf.Length; i++)
        {
            try
            {
                AppendColumn(i, block, context);
            }
            catch (DataFormatException e)
            {
                if (first is null || e.Row < first.Row) first = e;
            }
        }

        if (first is not null) throw first;
    }

    private void AppendColumn(int index, RowBlock block, RowContext context)
    {
        switch (Plan.Roles[index])
        {
            case ColumnRole.Feature:
                _featureOf[index]!.Append(block[index], block, context);
                break;
            case ColumnRole.Key:
                Keys.Append(block[index], block, context);
                break;
            case ColumnRole.Label:
                Labels!.Append(block[index], block, context);
                break;
            case ColumnRole.Fold:
                Folds!.Append(block[index], block, context);
                break;
            default:
                break;
        }
    }
}
