using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace FedLab.Kernel.Session;

/// <summary>
/// Puts a <see cref="Checkpoint"/> into every loop and at the beginning of every function of a cell, so that it can be ended: what runs for long passes
/// one sooner or later, also where a library turns the loop and calls the cell's lambda. Everything stays in its line.
/// </summary>
internal sealed class Checkpoints : CSharpSyntaxWalker
{
    private const string Call = "global::FedLab.Kernel.Session.Checkpoint.Pass();";
    private const string ClauseCall = "global::FedLab.Kernel.Session.Checkpoint.Pass(";

    private readonly SemanticModel _model;
    private readonly List<(int Place, string Text, int Removed)> _changes = [];

    private Checkpoints(SemanticModel model) => _model = model;

    /// <summary>A cell with its checkpoints.</summary>
    /// <param name="compilation">The cell, which compiles.</param>
    /// <returns>Its text; null where it has no place for one.</returns>
    public static string? Insert(Compilation compilation)
    {
        var tree = compilation.SyntaxTrees.Last();
        var places = new Checkpoints(compilation.GetSemanticModel(tree));
        places.Visit(tree.GetRoot());
        if (places._changes.Count == 0) return null;
        var code = tree.ToString();
        var text = new StringBuilder(code.Length + places._changes.Count * Call.Length);
        var at = 0;
        // Stable: what ends at one place ends from the inside to the outside, as it was found.
        foreach (var (place, inserted, removed) in places._changes.OrderBy(change => change.Place))
        {
            text.Append(code, at, place - at).Append(inserted);
            at = place + removed;
        }
        return text.Append(code, at, code.Length - at).ToString();
    }

    public override void Visit(SyntaxNode? node)
    {
        base.Visit(node);
        var turned = node switch
        {
            WhileStatementSyntax loop => loop.Statement,
            DoStatementSyntax loop => loop.Statement,
            ForStatementSyntax loop => loop.Statement,
            CommonForEachStatementSyntax loop => loop.Statement,
            _ => null,
        };
        if (turned is not null) Loop(turned);
    }

    public override void VisitLabeledStatement(LabeledStatementSyntax node)
    {
        base.VisitLabeledStatement(node);
        Add(node.ColonToken.Span.End, Call);
    }

    public override void VisitMethodDeclaration(MethodDeclarationSyntax node)
    {
        base.VisitMethodDeclaration(node);
        Function(node, node.Body, node.ExpressionBody, node.SemicolonToken);
    }

    public override void VisitLocalFunctionStatement(LocalFunctionStatementSyntax node)
    {
        base.VisitLocalFunctionStatement(node);
        Function(node, node.Body, node.ExpressionBody, node.SemicolonToken);
    }

    public override void VisitAnonymousMethodExpression(AnonymousMethodExpressionSyntax node)
    {
        base.VisitAnonymousMethodExpression(node);
        Begin(node.Block);
    }

    public override void VisitSimpleLambdaExpression(SimpleLambdaExpressionSyntax node) => Lambda(node, () => base.VisitSimpleLambdaExpression(node));

    public override void VisitParenthesizedLambdaExpression(ParenthesizedLambdaExpressionSyntax node) => Lambda(node, () => base.VisitParenthesizedLambdaExpression(node));

    public override void VisitFromClause(FromClauseSyntax node)
    {
        // The first one's source is computed once.
        if (node.Parent is QueryBodySyntax) Clause(Operation(node), node.Expression);
        else base.VisitFromClause(node);
    }

    public override void VisitLetClause(LetClauseSyntax node) => Clause(Operation(node), node.Expression);

    public override void VisitWhereClause(WhereClauseSyntax node) => Clause(Operation(node), node.Condition);

    public override void VisitJoinClause(JoinClauseSyntax node)
    {
        Visit(node.InExpression);
        Clause(Operation(node), node.LeftExpression, node.RightExpression);
    }

    public override void VisitOrdering(OrderingSyntax node) => Clause(_model.GetSymbolInfo(node), node.Expression);

    public override void VisitSelectClause(SelectClauseSyntax node) => Clause(_model.GetSymbolInfo(node), node.Expression);

    public override void VisitGroupClause(GroupClauseSyntax node) => Clause(_model.GetSymbolInfo(node), node.GroupExpression, node.ByExpression);

    // What tidies up comes to its end.
    public override void VisitFinallyClause(FinallyClauseSyntax node)
    {
    }

    // A type whose constructor ends by an exception cannot be used any more.
    public override void VisitConstructorDeclaration(ConstructorDeclarationSyntax node)
    {
        if (!node.Modifiers.Any(SyntaxKind.StaticKeyword)) base.VisitConstructorDeclaration(node);
    }

    // In a hole of a text nothing may stand but an expression of one line.
    public override void VisitInterpolatedStringExpression(InterpolatedStringExpressionSyntax node)
    {
    }

    private void Lambda(LambdaExpressionSyntax node, Action inside)
    {
        if (IsTree(_model.GetTypeInfo(node).ConvertedType)) return;
        inside();
        if (node.Block is { } block)
        {
            Begin(block);
        }
        else if (node.ExpressionBody is { } expression and not ThrowExpressionSyntax && _model.GetSymbolInfo(node).Symbol is IMethodSymbol method)
        {
            Add(expression.SpanStart, "{" + Call + Return(method));
            Add(expression.Span.End, ";}");
        }
    }

    private SymbolInfo Operation(QueryClauseSyntax clause) => _model.GetQueryClauseInfo(clause).OperationInfo;

    /// <summary>What a clause of a query computes is a lambda without its arrow; a clause that the compiler drops is no operation.</summary>
    private void Clause(SymbolInfo operation, params ReadOnlySpan<ExpressionSyntax> expressions)
    {
        var method = operation.Symbol as IMethodSymbol;
        if (IsTree(method?.Parameters.LastOrDefault()?.Type)) return;
        foreach (var expression in expressions)
        {
            Visit(expression);
            if (method is null) continue;
            Add(expression.SpanStart, ClauseCall);
            Add(expression.Span.End, ")");
        }
    }

    /// <summary>A tree of expressions is data, and holds no statements.</summary>
    private static bool IsTree(ITypeSymbol? type) => type?.ContainingNamespace?.ToDisplayString() == "System.Linq.Expressions";

    private void Function(SyntaxNode node, BlockSyntax? block, ArrowExpressionClauseSyntax? arrow, SyntaxToken semicolon)
    {
        if (block is not null)
        {
            Begin(block);
        }
        else if (arrow is { Expression: not ThrowExpressionSyntax } && _model.GetDeclaredSymbol(node) is IMethodSymbol method)
        {
            _changes.Add((arrow.ArrowToken.SpanStart, "{" + Call, arrow.ArrowToken.Span.Length));
            Add(arrow.Expression.SpanStart, Return(method));
            Add(semicolon.Span.End, "}");
        }
    }

    private static string Return(IMethodSymbol method) =>
        method.ReturnsVoid || method is { IsAsync: true, ReturnType: INamedTypeSymbol { IsGenericType: false } } ? "" : "return ";

    private void Loop(StatementSyntax body)
    {
        if (body is BlockSyntax block)
        {
            Begin(block);
            return;
        }
        Add(body.SpanStart, "{" + Call);
        Add(body.Span.End, "}");
    }

    private void Begin(BlockSyntax block) => Add(block.OpenBraceToken.Span.End, Call);

    private void Add(int place, string text)
    {
        if (text.Length > 0) _changes.Add((place, text, 0));
    }
}
