# Made tests/analysis/data/deseq2_reference.csv.gz with R 4.2.2 and DESeq2 1.38.3 (Debian's r-bioc-deseq2):
#   python -m tests.analysis.test_deseq counts.csv && Rscript tests/analysis/deseq2_reference.R counts.csv reference.csv
# counts.csv holds genes in rows; the first eight samples are the reference, the others the group.
suppressMessages(library(DESeq2))
files <- commandArgs(trailingOnly = TRUE)
counts <- as.matrix(read.csv(files[1], row.names = 1))
group <- factor(rep(c("reference", "group"), each = 8), levels = c("reference", "group"))
data <- DESeq(DESeqDataSetFromMatrix(counts, data.frame(group), ~group), quiet = TRUE)
table <- results(data, contrast = c("group", "group", "reference"), alpha = 0.05)
write.csv(as.data.frame(table)[, c("baseMean", "log2FoldChange", "lfcSE", "pvalue", "padj")], files[2])
