use super::*;

#[test]
fn the_table_is_in_the_order_of_the_rights() {
    for right in Right::all() {
        assert_eq!(right.row().0, right);
    }
}

#[test]
fn a_higher_role_can_do_what_a_lower_one_can() {
    for right in Right::all() {
        let sinks = match right.held() {
            InWorkspace(reach) | InAccount(reach) => reach.is_sorted_by(|a, b| a >= b),
            AtOperator(reach) => reach.is_sorted_by(|a, b| a >= b),
        };
        assert!(sinks, "{right:?}");
    }
}

#[test]
fn a_refusal_can_name_the_roles_it_takes() {
    assert_eq!(Right::CreateKeys.roles(), "admin or developer");
    assert_eq!(Right::SeePlan.roles(), "owner or admin");
}
