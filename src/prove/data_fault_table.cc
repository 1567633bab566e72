#include "prove/faults_internal.h"

namespace cupel::prove {
namespace {

constexpr const Fault* k_faults[] = {
    &k_avh_biased_sample_fault, &k_avh_casing_fault, &k_avh_deletion_fault, &k_avh_insertion_fault, &k_avh_nulls_fault, &k_avh_padding_fault, &k_avh_perturbation_fault,
    &k_avh_row_count_fault, &k_avh_schema_change_fault, &k_avh_unit_change_fault, &k_broken_relation_fault, &k_casing_fault, &k_celsius_fault, &k_cents_fault, &k_character_change_fault,
    &k_character_deletion_fault, &k_character_insertion_fault, &k_clipping_fault, &k_column_missing_fault, &k_column_renamed_fault, &k_columns_reordered_fault,
    &k_date_format_fault, &k_default_value_fault, &k_distribution_shift_fault, &k_dropped_rows_fault, &k_duplicate_keys_fault, &k_duplicated_load_fault, &k_fahrenheit_fault,
    &k_flipped_fault, &k_frozen_value_fault, &k_future_dates_fault, &k_jenga_broken_characters_fault, &k_jenga_category_shift_fault, &k_jenga_gaussian_noise_fault,
    &k_jenga_missing_fault, &k_jenga_scaling_fault, &k_jenga_swapped_values_fault, &k_last_rows_fault, &k_lost_category_fault, &k_merged_categories_fault, &k_mojibake_fault,
    &k_new_category_fault, &k_noise_fault, &k_null_words_fault, &k_nulls_mar_fault, &k_nulls_mcar_fault, &k_nulls_mnar_fault, &k_one_segment_fault, &k_outliers_fault, &k_random_sample_fault,
    &k_renamed_category_fault, &k_rounding_fault, &k_shift_fault, &k_shuffled_rows_fault, &k_sign_fault, &k_spread_fault, &k_stale_batch_fault, &k_swapped_columns_fault,
    &k_text_truncation_fault, &k_time_zone_fault, &k_truncated_load_fault, &k_type_change_fault, &k_typo_fault, &k_units_fault, &k_whitespace_fault, &k_wrong_encoding_fault,
    &k_wrong_join_fault,
};

}  // namespace

std::span<const Fault* const> fault_table() { return k_faults; }

}  // namespace cupel::prove
