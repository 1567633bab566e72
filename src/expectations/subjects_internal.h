#pragma once

#include "expectations/data_check.h"

namespace cupel::expectations {

extern const DataSubject k_average_word_length_subject;
extern const DataSubject k_characters_subject;
extern const DataSubject k_columns_subject;
extern const DataSubject k_contains_subject;
extern const DataSubject k_control_characters_subject;
extern const DataSubject k_distinct_subject;
extern const DataSubject k_distribution_subject;
extern const DataSubject k_duplicates_subject;
extern const DataSubject k_every_row_subject;
extern const DataSubject k_html_subject;
extern const DataSubject k_invisible_characters_subject;
extern const DataSubject k_kurtosis_subject;
extern const DataSubject k_lengths_subject;
extern const DataSubject k_max_subject;
extern const DataSubject k_mean_subject;
extern const DataSubject k_median_subject;
extern const DataSubject k_min_subject;
extern const DataSubject k_mojibake_subject;
extern const DataSubject k_nulls_subject;
extern const DataSubject k_occurrences_subject;
extern const DataSubject k_pii_subject;
extern const DataSubject k_quantile_subject;
extern const DataSubject k_replacement_characters_subject;
extern const DataSubject k_rows_subject;
extern const DataSubject k_script_subject;
extern const DataSubject k_sentences_subject;
extern const DataSubject k_share_subject;
extern const DataSubject k_skewness_subject;
extern const DataSubject k_special_characters_subject;
extern const DataSubject k_stddev_subject;
extern const DataSubject k_sum_subject;
extern const DataSubject k_type_subject;
extern const DataSubject k_unnormalized_subject;
extern const DataSubject k_untrimmed_subject;
extern const DataSubject k_unusual_spaces_subject;
extern const DataSubject k_urls_subject;
extern const DataSubject k_values_subject;
extern const DataSubject k_words_subject;

/// The column named at `node`, or an error there that names the nearest.
Result<table::ColumnRequest> request_column(const table::Schema& schema, const std::string& name, const yaml::Node& node,
                                            table::ColumnRequest::As as);

/// "column 'Title' is text, e.g. 'Nice' in row 3, expected numbers", at the node's place; empty when the field is numeric.
std::string why_not_numeric(const table::Schema& schema, int field, const yaml::Node& node);

/// " where Rating <= 2", or empty: for messages.
std::string where_words(const suite::Outcome& outcome);

/// The predicate names that compare one number: at_least … not_in.
inline const std::vector<std::string_view> k_number_predicates = {"at_least", "at_most", "between", "equals", "in", "less_than", "more_than", "not_equals", "not_in"};

}  // namespace cupel::expectations
